"""Which rows of a batch a kernel may take, and their columns.

A row is plain when everything about it has been seen to be right and inside ``bounds``: one record that starts work,
few benefits, few owners, an id and names in order. Whatever is not seen to be so is left to the rule, which answers
or refuses it; nothing is refused here.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from services.broker.batch.bounds import MOST_TOGETHER_GR
from services.broker.batch.columns import FOR_GOOD, MOST_OWNERS, NOBODY, Columns, Small, Whole
from shared.domain.benefit.employment import MOST_RECORDED
from shared.domain.benefit.members import FIRST_DAY, LAST_DAY
from shared.domain.money import MAX_GROSZE

MOST_BENEFITS: Final = 16
_LONGEST_ID, _LONGEST_NAME = 200, 100
_NO_OWNER: Final = np.iinfo(np.int64).max

Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain rows of a table: their ``places`` in it, and what the kernels and the output need of them.

    ``owner_names`` are the owners of the table, in order; ``payer`` (cases, owners) gives, for each rank of a case,
    which of them it is; ``display`` (cases, owners) the ranks in the order of the benefits; ``payers`` (cases) their
    number.
    """

    places: Whole
    columns: Columns
    first_day: npt.NDArray[np.datetime64]
    owner_names: list[str]
    payer: Whole
    display: Small
    payers: Small


def plain_rows(table: pa.Table) -> Plain:
    """Return the plain rows of a table in canonical form."""
    ids, benefits, employment = (table.column(name).combine_chunks() for name in ("case_id", "benefits", "employment"))
    right = _right_ids(ids)
    wage, start = _single_starts(employment, right)
    names, amount, kept, owner = _benefits(benefits, right)
    right &= amount.sum(axis=0) <= MOST_TOGETHER_GR
    rank, payer, payers = _ranks(owner)
    right &= payers <= MOST_OWNERS
    places = np.flatnonzero(right)
    most = int(payers[places].max(initial=0))
    begun = start[places]
    month = begun.astype("datetime64[M]")
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    day = (begun - month.astype("datetime64[D]")).astype(np.int64)
    columns = Columns(
        amount_gr=np.ascontiguousarray(amount[:, places]),
        kept=np.ascontiguousarray(kept[:, places]),
        owner=np.ascontiguousarray(rank[:, places]),
        wage_gr=wage[places],
        worked=(length - day).astype(np.uint8),
        length=length.astype(np.uint8),
        owners=most,
    )
    display = _display(columns.owner, most)
    return Plain(places, columns, begun, names, payer[:most, places].T, display, payers[places].astype(np.uint8))


def _right_ids(ids: Any) -> Truth:
    """Return which ids are surely text of 1 to 200 printable characters; those beyond ASCII are left to the rule."""
    length = _numbers(pc.binary_length(ids), -1)
    # What is not ASCII may not even be UTF-8, and is not looked into.
    ascii_only = np.asarray(pc.fill_null(pc.string_is_ascii(ids), False))
    printable = np.asarray(pc.fill_null(pc.ascii_is_printable(ids), False))
    right: Truth = (length > 0) & (length <= _LONGEST_ID) & ascii_only & printable
    return right


def _single_starts(employment: Any, right: Truth) -> tuple[Whole, npt.NDArray[np.datetime64]]:
    """Return wage and day of the rows that have one record, of work; the others are no longer right."""
    lengths = _numbers(pc.list_value_length(employment), -1)
    right &= lengths == 1
    flat, wages, starts = pc.list_flatten(employment), np.zeros(len(right), np.int64), np.zeros(len(right), np.int64)
    kind = pc.struct_field(flat, "kind")
    wage = _numbers(pc.struct_field(flat, "net_wage_gr"), -1)
    day = _numbers(pc.struct_field(flat, "effective").cast(pa.int32()), -(10**6))
    recorded = _numbers(pc.struct_field(flat, "recorded"), 0)
    good = np.asarray(pc.is_in(kind, pa.array(["start", "wage"])))
    good &= (wage >= 0) & (wage <= MAX_GROSZE) & (recorded >= 0) & (recorded <= MOST_RECORDED)
    good &= (day >= np.datetime64(FIRST_DAY, "D").astype(int)) & (day <= np.datetime64(LAST_DAY, "D").astype(int))
    single = np.flatnonzero(right)
    at = (np.cumsum(np.maximum(lengths, 0)) - 1)[single]
    right[single] = good[at]
    wages[single], starts[single] = wage[at], day[at]
    return wages, starts.astype("datetime64[D]")


def _benefits(listed: Any, right: Truth) -> tuple[list[str], Whole, Small, Whole]:
    """Return the owners' names in order and, by (benefit, row): amount, clock months kept, place of its owner."""
    lengths = _numbers(pc.list_value_length(listed), -1)
    right &= (lengths >= 0) & (lengths <= MOST_BENEFITS)
    width, rows = int(lengths[right].max(initial=0)), len(right)
    flat, row = pc.list_flatten(listed), np.asarray(pc.list_parent_indices(listed))
    place = np.arange(len(row)) - (np.cumsum(np.maximum(lengths, 0)) - np.maximum(lengths, 0))[row]
    given = _numbers(pc.struct_field(flat, "amount_gr"), -1)
    months = _numbers(pc.struct_field(flat, "kept_months"), FOR_GOOD)
    gained = np.asarray(pc.fill_null(pc.struct_field(flat, "gained"), False))
    is_given = np.asarray(pc.struct_field(flat, "kept_months").is_valid())
    names, owner = _named(pc.struct_field(flat, "owner"))
    _, kind = _named(pc.struct_field(flat, "kind"))
    good = (given >= 0) & (given <= MOST_TOGETHER_GR) & (owner >= 0) & (kind >= 0)
    good &= (months >= 0) & ((months < FOR_GOOD) | ~is_given)
    right[row[~good]] = False
    taken = right[row]
    at = (place[taken], row[taken])
    amount, kept = np.zeros((width, rows), np.int64), np.full((width, rows), FOR_GOOD, np.uint8)
    owners = np.full((width, rows), _NO_OWNER, np.int64)
    amount[at], kept[at] = given[taken], months[taken]
    owners[at] = np.where(gained, _NO_OWNER, owner)[taken]
    return names, amount, kept, owners


def _named(texts: Any) -> tuple[list[str], Whole]:
    """Return the right names among texts, in order, and for each text the place of its name, -1 for a wrong one."""
    coded = texts.dictionary_encode()
    found: list[str | None] = []
    for value in coded.dictionary:
        try:
            name = value.as_py()
        except UnicodeDecodeError:
            name = ""
        found.append(name if 0 < len(name) <= _LONGEST_NAME and name.isprintable() else None)
    names = sorted(name for name in found if name is not None)
    place = {name: index for index, name in enumerate(names)}
    places = np.array([-1 if name is None else place[name] for name in found] + [-1], np.int64)
    return names, places[_numbers(coded.indices, len(found))]


def _ranks(owner: Whole) -> tuple[Small, Whole, Whole]:
    """Return each benefit's rank of owner among those of its case, the owner of each rank, and how many there are."""
    ordered = np.sort(owner, axis=0)
    is_first = ordered != _NO_OWNER
    is_first[1:] &= ordered[1:] != ordered[:-1]
    rank, payer = np.full(owner.shape, NOBODY, np.uint8), np.zeros(owner.shape, np.int64)
    before = np.cumsum(is_first, axis=0) - 1
    if not len(owner):
        return rank, payer, np.zeros(owner.shape[1], np.int64)
    at, row = np.nonzero(is_first)
    payer[before[at, row], row] = ordered[at, row]
    for place in range(len(owner)):
        rank[(owner == payer[place]) & (before[-1] >= place)] = place
    return rank, payer, is_first.sum(axis=0)


def _display(rank: Small, owners: int) -> Small:
    """Return, for each case, its ranks in the order in which its benefits first name them."""
    cases = rank.shape[1]
    display, seen = np.zeros((cases, max(owners, 1)), np.uint8), np.zeros((cases, owners), np.bool_)
    count = np.zeros(cases, np.int64)
    for one in rank:
        case = np.flatnonzero(one != NOBODY)
        case = case[~seen[case, one[case]]]
        display[case, count[case]] = one[case]
        seen[case, one[case]] = True
        count[case] += 1
    return display[:, :owners]


def _numbers(array: Any, instead_of_null: int) -> Whole:
    return np.asarray(pc.fill_null(array.cast(pa.int64()), instead_of_null))
