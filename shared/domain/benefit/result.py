"""The schedule of a case: what is due each month, who pays it, what will be missing when it ends.

The JSON is that of BENEFIT.md, "Case and result as JSON"; its hash names the result that an official saw.

>>> result = Result("1", (Month("2026-03", 209020, "K", (("ops-1", 78500), ("pup-1", 130520))),), 209020, 0)
>>> result_hash(result)
'dTdUWayoGe7PTZUNLWHHcVi36POQ_szMhHAVVuOH0-Q'
>>> parse_result(result_json(result)) == result
True
"""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from typing import NamedTuple

from shared.domain.benefit.members import MalformedMember, malformed, members, money, rows, text
from shared.domain.errors import Invalid

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_CODES = re.compile(r"(?=.)G?K?L?P?Z?")
_NAMES = ("month", "amount_gr", "codes", "shares_gr")


class SumMismatch(Invalid):
    """The parts do not add up to the sum."""


# Named tuples and not frozen dataclasses: a case makes dozens, and they are made in half the time.
class Month(NamedTuple):
    """The amount of a calendar month (``YYYY-MM``), its codes and each owner's share, in the order of the benefits.

    Codes: ``G`` guarantee, ``K`` curve, ``L`` the cap lowered it, ``P`` part of a month, ``Z`` nothing is missing.
    """

    month: str
    amount_gr: int
    codes: str
    shares_gr: tuple[tuple[str, int], ...]


class Result(NamedTuple):
    """The whole schedule; with ``gap_gr`` above zero the case is referred to the OPS."""

    case_id: str
    months: tuple[Month, ...]
    total_gr: int
    gap_gr: int


def result_json(result: Result) -> dict[str, object]:
    """Return the result as JSON."""
    return {
        "case_id": result.case_id,
        "months": [month_json(month) for month in result.months],
        "total_gr": result.total_gr,
        "gap_gr": result.gap_gr,
    }


def month_json(month: Month) -> dict[str, object]:
    """Return one month as JSON."""
    return {
        "month": month.month,
        "amount_gr": month.amount_gr,
        "codes": month.codes,
        "shares_gr": dict(month.shares_gr),
    }


def canonical(value: object) -> bytes:
    """Return the one spelling of a JSON value that is hashed: keys sorted, no spaces, UTF-8.

    >>> canonical({"b": "ż", "a": 1})
    b'{"a":1,"b":"\\xc5\\xbc"}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def result_hash(result: Result) -> str:
    """Return SHA-256 of the result without its ``case_id``, as base64url without padding."""
    named = result_json(result)
    del named["case_id"]
    return urlsafe_b64encode(hashlib.sha256(canonical(named)).digest()).rstrip(b"=").decode()


def parse_result(value: object) -> Result:
    """Return the result of a JSON object.

    :raises SumMismatch: shares that do not add up to their amount, or amounts to the total.
    """
    known = ("case_id", "months", "total_gr", "gap_gr")
    given = members(value, field="", known=known, required=known)
    listed = rows(given["months"], field="months", most=12 * 31)
    months = tuple(parse_month(row, field=f"months[{index}]") for index, row in enumerate(listed))
    total = money(given["total_gr"], field="total_gr")
    if sum(month.amount_gr for month in months) != total:
        raise SumMismatch(field="total_gr", expected="the sum of the amounts", received=total)
    return Result(
        case_id=text(given["case_id"], field="case_id", longest=200),
        months=months,
        total_gr=total,
        gap_gr=money(given["gap_gr"], field="gap_gr"),
    )


def parse_month(value: object, *, field: str) -> Month:
    """Return one month of a JSON object.

    :raises Invalid: a member is missing or not of its form.
    :raises SumMismatch: shares that do not add up to the amount.
    """
    given = members(value, field=field, known=_NAMES, required=_NAMES)
    month, codes, shares = given["month"], given["codes"], given["shares_gr"]
    if not (isinstance(month, str) and _MONTH.fullmatch(month)):
        raise malformed(month, field=f"{field}.month", expected="a month YYYY-MM")
    if not (isinstance(codes, str) and _CODES.fullmatch(codes)):
        raise malformed(codes, field=f"{field}.codes", expected="some of G, K, L, P, Z in this order")
    if not isinstance(shares, dict):
        raise MalformedMember(field=f"{field}.shares_gr", expected="an object of owners and grosze")
    amount_gr = money(given["amount_gr"], field=f"{field}.amount_gr")
    owned = tuple(
        (text(owner, field=f"{field}.shares_gr", longest=100), money(share, field=f"{field}.shares_gr"))
        for owner, share in shares.items()
    )
    if owned and sum(share for _, share in owned) != amount_gr:
        raise SumMismatch(field=f"{field}.shares_gr", expected="shares that add up to the amount", received=amount_gr)
    return Month(month, amount_gr, codes, owned)
