"""Plain rows by their parameters: a kernel takes cases of one set at a time.

What a row leaves out is what was in force on its first day, so rows belong together when they give the same and
began in the same stretch of days between two changes of the dated table.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.broker.batch.columns import Whole
from services.broker.batch.plain import Plain
from services.broker.batch.rows import parameters_value
from services.broker.batch.schema import PARAMETERS
from shared.domain.benefit.dated import table as dated
from shared.domain.benefit.parameters import SchemeParameters, parse_parameters
from shared.domain.errors import Invalid


def by_scheme(given: Any, plain: Plain) -> Iterator[tuple[SchemeParameters, Whole]]:
    """Yield each set of parameters with the indices into ``plain`` that it holds for; a wrong set is left out."""
    chosen = given.take(pa.array(plain.places))
    group = np.zeros(len(chosen), np.int64)
    for codes in (_stretch(plain), *(_codes(chosen, name) for name in PARAMETERS)):
        if len(codes) and codes.min() != codes.max():
            _, group = np.unique(group * (codes.max() + 2) + codes, return_inverse=True)
    _, first = np.unique(group, return_index=True)
    order = np.argsort(group, kind="stable")
    borders = np.cumsum(np.bincount(group))
    for index, members in zip(first.tolist(), np.split(order, borders[:-1])[: len(first)], strict=True):
        try:
            value = parameters_value(chosen[index].as_py() or {})
            yield parse_parameters(value, on=plain.first_day[index].item()), members
        except (Invalid, ValueError):
            continue


def _stretch(plain: Plain) -> Whole:
    """Return the number of changes of the dated table up to the first day of each row."""
    days = {row.valid_from for rows in dated("scheme.csv").rows.values() for row in rows}
    days |= {row.valid_to + timedelta(1) for rows in dated("scheme.csv").rows.values() for row in rows if row.valid_to}
    changes = np.array(sorted(days), "datetime64[D]")
    return np.searchsorted(changes, plain.first_day, side="right").astype(np.int64)


def _codes(given: Any, name: str) -> Whole:
    """Return a number for each row that is the same for the same value of a parameter."""
    values = pc.struct_field(given, name)
    if pa.types.is_list(values.type):
        values = pc.binary_join(_spelt(values), ",")
    coded = values.dictionary_encode()
    return np.asarray(pc.fill_null(coded.indices.cast(pa.int64()), -1))


def _spelt(lists: Any) -> Any:
    """Return lists of numbers as lists of text; a null among them as a word that no number is."""
    texts = pc.fill_null(pc.list_flatten(lists).cast(pa.string()), "null")
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    return pa.ListArray.from_arrays(offsets, texts, mask=lists.is_null())
