"""A table of cases to a table of schedules: kernels for the plain rows, the rule for all others, order kept."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from services.broker.batch.columns import Columns, Schedules, Whole, empty_schedules
from services.broker.batch.engines import Kernel
from services.broker.batch.output import schedules_table
from services.broker.batch.plain import Plain, plain_rows
from services.broker.batch.rows import Refused, assess_rows, results_table
from services.broker.batch.schemes import by_scheme

FEWEST = 16
"""Fewer plain rows of one set of parameters than this are left to the rule: a kernel would not pay."""

_FEW_OWNERS = 2


def assess_table(table: pa.Table, kernel: Kernel | None) -> tuple[pa.Table, list[Refused]]:
    """Return the schedules of the rows that are cases, in their order, and the rows refused.

    ``table`` is in canonical form (``schema.canonical``). The outcome is the same whatever the kernel.
    """
    left = np.ones(len(table), np.bool_)
    pieces: list[pa.Table] = []
    places: list[Whole] = []
    for piece, at in _kernel_pieces(table, kernel) if kernel else ():
        left[at] = False
        pieces.append(piece)
        places.append(at)
    answered, results, refused = assess_rows(table, np.flatnonzero(left).tolist())
    if answered or not pieces:
        pieces.append(results_table(results))
        places.append(np.array(answered, np.int64))
    if len(pieces) == 1:
        return pieces[0], refused
    order = np.argsort(np.concatenate(places), kind="stable")
    return pa.concat_tables(pieces).unify_dictionaries().take(pa.array(order)), refused


def _kernel_pieces(table: pa.Table, kernel: Kernel) -> Iterator[tuple[pa.Table, Whole]]:
    """Yield schedules of plain rows and their places, for each set of parameters, few owners apart from many."""
    plain = plain_rows(table)
    for parameters, chosen in by_scheme(table.column("parameters").combine_chunks(), plain):
        few = plain.payers[chosen] <= _FEW_OWNERS
        for part in (chosen[few], chosen[~few]):
            if len(part) < FEWEST:
                continue
            some = _only(plain, part)
            schedules: Schedules = empty_schedules(cases=len(part), owners=some.columns.owners)
            kernel(some.columns, parameters, schedules)
            ids = table.column("case_id").combine_chunks().take(pa.array(some.places))
            yield schedules_table(schedules, some, ids), some.places


def _only(plain: Plain, chosen: Whole) -> Plain:
    """Return some of the plain rows."""
    if len(chosen) == len(plain.places):
        return plain
    given, payers = plain.columns, plain.payers[chosen]
    owners = int(payers.max(initial=0))
    columns = Columns(
        amount_gr=np.ascontiguousarray(given.amount_gr[:, chosen]),
        kept=np.ascontiguousarray(given.kept[:, chosen]),
        owner=np.ascontiguousarray(given.owner[:, chosen]),
        wage_gr=given.wage_gr[chosen],
        worked=given.worked[chosen],
        length=given.length[chosen],
        owners=owners,
    )
    return Plain(
        plain.places[chosen],
        columns,
        plain.first_day[chosen],
        plain.owner_names,
        plain.payer[chosen, :owners],
        plain.display[chosen, :owners],
        payers,
    )
