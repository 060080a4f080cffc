"""The columns of a batch: what comes in, what goes out, and reading a Parquet file's own types into ours.

A row says what a JSON case says (docs/batch.md). Whole numbers of any width, text plain or dictionary-coded, and days
as date32 or date64 are taken; a name that is not known is refused, so that a misspelt column is never left out unseen.
"""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from shared.domain.benefit.members import MissingMember, UnknownMember
from shared.domain.errors import Invalid

_TEXT, _WHOLE, _DAY, _TRUTH = pa.string(), pa.int64(), pa.date32(), pa.bool_()

BENEFIT: Final = {"kind": _TEXT, "owner": _TEXT, "amount_gr": _WHOLE, "kept_months": _WHOLE, "gained": _TRUTH}
EVENT: Final = {"kind": _TEXT, "effective": _DAY, "net_wage_gr": _WHOLE, "recorded": _WHOLE}
PARAMETERS: Final = {
    "curve": _TEXT,
    "curve_bp": pa.list_(_WHOLE),
    "premium_bp": _WHOLE,
    "guarantee_months": _WHOLE,
    "taper_bp": _WHOLE,
    "disregard_gr": _WHOLE,
    "cap_gr": _WHOLE,
    "uncapped": _TRUTH,
    "quantum_gr": _WHOLE,
}
INPUT: Final = pa.schema(
    {
        "case_id": _TEXT,
        "parameters": pa.struct(PARAMETERS),
        "benefits": pa.list_(pa.struct(BENEFIT)),
        "employment": pa.list_(pa.struct(EVENT)),
    }
)
_REQUIRED: Final = {
    "": ("case_id", "benefits", "employment"),
    "parameters": (),
    "benefits[]": ("kind", "owner", "amount_gr"),
    "employment[]": ("kind", "effective", "net_wage_gr"),
}

NAMED: Final = pa.dictionary(pa.int32(), pa.string())
"""Text of few different values, as it is held on the way; the file has it as plain text."""
SHARE: Final = pa.struct({"owner": NAMED, "amount_gr": _WHOLE})
MONTH: Final = pa.struct({"month": NAMED, "amount_gr": _WHOLE, "codes": NAMED, "shares": pa.list_(SHARE)})
_SUMS: Final = {"total_gr": _WHOLE, "gap_gr": _WHOLE}
OUTPUT: Final = pa.schema({"case_id": _TEXT, "months": pa.list_(MONTH), **_SUMS})

_FILE_SHARE: Final = pa.struct({"owner": _TEXT, "amount_gr": _WHOLE})
_FILE_MONTH: Final = pa.struct({"month": _TEXT, "amount_gr": _WHOLE, "codes": _TEXT, "shares": pa.list_(_FILE_SHARE)})
FILE: Final = pa.schema({"case_id": _TEXT, "months": pa.list_(_FILE_MONTH), **_SUMS})
"""The output as the file has it: the same bytes whichever engine ran."""


class ColumnTwice(Invalid):
    """The column, or the member of a struct, stands there twice."""


class WrongColumnType(Invalid):
    """The column is of another type."""


def check(schema: pa.Schema) -> None:
    """Check the columns of an input file.

    :raises MissingMember: a column, or a member of a struct, is not there.
    :raises UnknownMember: one is not known.
    :raises ColumnTwice: one stands there twice, so that nothing says which is meant.
    :raises WrongColumnType: one is of another type; ``expected`` says which is taken.

    >>> check(pa.schema({"case_id": pa.int64(), "benefits": INPUT.field("benefits").type}))
    Traceback (most recent call last):
    MissingMember: A required member is missing.
    """
    _check_members([(field.name, field.type) for field in schema], pa.struct(list(INPUT)), "")


def canonical(table: pa.Table) -> pa.Table:
    """Return the rows of a checked file in our types, every column and member there, null where the file has none."""
    columns = []
    for field in INPUT:
        given = table.column(field.name) if field.name in table.column_names else pa.nulls(len(table), field.type)
        whole = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
        columns.append(_cast(whole, field.type))
    return pa.table(columns, schema=INPUT)


def _check_members(given: Sequence[tuple[str, Any]], wanted: Any, field: str) -> None:
    known, names = [one.name for one in wanted], [name for name, _ in given]
    for name in _REQUIRED[field]:
        if name not in names:
            raise MissingMember(field=_under(field, name), expected=", ".join(known))
    for name, kind in given:
        if name not in known:
            raise UnknownMember(field=field or "columns", expected=", ".join(known))
        if names.count(name) > 1:
            raise ColumnTwice(field=_under(field, name), expected="one of that name")
        _check_type(kind, wanted.field(name).type, _under(field, name))


def _check_type(given: Any, wanted: Any, field: str) -> None:
    if _is_list(wanted):
        if not _is_list(given):
            raise WrongColumnType(field=field, expected="a list", received=str(given)[:60])
        _check_type(given.value_type, wanted.value_type, f"{field}[]")
    elif pa.types.is_struct(wanted):
        if not pa.types.is_struct(given):
            raise WrongColumnType(field=field, expected="a struct", received=str(given)[:60])
        _check_members([(one.name, one.type) for one in given], wanted, field)
    elif not _fits(given, wanted):
        raise WrongColumnType(field=field, expected=str(wanted), received=str(given)[:60])


def _fits(given: Any, wanted: Any) -> bool:
    plain = given.value_type if pa.types.is_dictionary(given) else given
    if pa.types.is_null(given):
        return True
    if wanted == _TEXT:
        return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain))
    if wanted == _WHOLE:
        return bool(pa.types.is_integer(given) and not pa.types.is_uint64(given))
    return bool(pa.types.is_date(given)) if wanted == _DAY else bool(given == wanted)


def _cast(array: Any, wanted: Any) -> Any:
    """Return an array in a type of ours; its own type has been checked."""
    if array.type.equals(wanted):
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), wanted)
    if _is_list(wanted):
        values = _cast(pc.list_flatten(array), wanted.value_type)
        lengths = pc.list_value_length(array)
        offsets = pc.cumulative_sum(pc.fill_null(lengths, 0).cast(pa.int32()))
        whole = pa.concat_arrays([pa.array([0], pa.int32()), offsets])
        return pa.ListArray.from_arrays(whole, values, type=wanted, mask=array.is_null())
    if pa.types.is_struct(wanted):
        names = {one.name for one in array.type}
        members = [
            _cast(pc.struct_field(array, one.name), one.type) if one.name in names else _absent(one, len(array))
            for one in wanted
        ]
        return pa.StructArray.from_arrays(members, fields=list(wanted), mask=array.is_null())
    return array.cast(wanted)


def _absent(member: Any, length: int) -> Any:
    """Return what a member that the file does not have stands for: lost at once, else nothing."""
    if member.name == "kept_months":
        return pa.array([0] * length, member.type)
    return pa.nulls(length, member.type)


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _under(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
