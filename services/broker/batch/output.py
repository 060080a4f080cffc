"""Schedules of plain rows as Arrow: the very rows that the rule's results would make."""

import numpy as np
import pyarrow as pa

from services.broker.batch.columns import CALENDAR_MONTHS, Schedules
from services.broker.batch.plain import Plain
from services.broker.batch.schema import MONTH, OUTPUT, SHARE

_CODES = pa.array(["".join(code for bit, code in enumerate("GKLPZ") if flags >> bit & 1) for flags in range(32)])


def schedules_table(schedules: Schedules, plain: Plain, ids: pa.Array) -> pa.Table:
    """Return the schedules as rows of the output; ``ids`` are the case ids of the plain rows."""
    codes = np.ascontiguousarray(schedules.codes.T)
    counts = codes != 0
    lengths = counts.sum(axis=1)
    months = pa.StructArray.from_arrays(
        [
            _month_names(plain, counts),
            pa.array(schedules.amount_gr.T[counts]),
            pa.DictionaryArray.from_arrays(pa.array(codes[counts].astype(np.int32)), _CODES),
            _shares(schedules, plain, counts),
        ],
        fields=list(MONTH),
    )
    columns = [
        ids,
        pa.ListArray.from_arrays(_offsets(lengths), months, type=OUTPUT.field("months").type),
        pa.array(schedules.total_gr),
        pa.array(schedules.gap_gr),
    ]
    return pa.table(columns, schema=OUTPUT)


def _month_names(plain: Plain, counts: np.ndarray) -> pa.Array:
    first = plain.first_day.astype("datetime64[M]").astype(np.int64)
    month = (first[:, None] + np.arange(CALENDAR_MONTHS))[counts]
    low, high = (int(month.min()), int(month.max())) if len(month) else (0, 0)
    names = [str(np.datetime64(each, "M")) for each in range(low, high + 1)]
    return pa.DictionaryArray.from_arrays(pa.array((month - low).astype(np.int32)), pa.array(names))


def _shares(schedules: Schedules, plain: Plain, counts: np.ndarray) -> pa.Array:
    """Return the shares of each month, owners in the order of the benefits."""
    owners = plain.columns.owners
    order = plain.display.astype(np.int64)
    by_case = np.ascontiguousarray(schedules.share_gr.transpose(2, 0, 1))
    is_there = counts[:, :, None] & (np.arange(owners) < plain.payers[:, None])[:, None, :]
    share = np.take_along_axis(by_case, order[:, None, :], axis=2)[is_there]
    payer = np.take_along_axis(plain.payer, order, axis=1).astype(np.int32)
    owner = np.broadcast_to(payer[:, None, :], is_there.shape)[is_there]
    named = pa.DictionaryArray.from_arrays(pa.array(owner), pa.array(plain.owner_names, pa.string()))
    shares = pa.StructArray.from_arrays([named, pa.array(share)], fields=list(SHARE))
    lengths = np.repeat(plain.payers, counts.sum(axis=1))
    return pa.ListArray.from_arrays(_offsets(lengths), shares, type=pa.list_(SHARE))


def _offsets(lengths: np.ndarray) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32))
