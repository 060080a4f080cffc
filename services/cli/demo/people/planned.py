"""Makers of planned records, and questions about them.

>>> paid = benefit("PUP-ZAS", first=date(2026, 1, 1), last=date(2026, 3, 15), amount_gr=123050)
>>> paid.body
{'code': 'PUP-ZAS', 'monthly_net_gr': 123050, 'from': '2026-01-01', 'until': '2026-03-15'}
>>> paid_gr([paid], on=date(2026, 2, 28)), paid_gr([paid], on=date(2026, 3, 31))
(123050, 0)
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.cli.demo.people.days import LAST_DAY
from services.cli.demo.people.person import Planned
from shared.domain import catalogue

_OPEN = "9999-12-31"


def support_form(
    code: str, *, first: date, last: date | None = None, hours: int | None = None, amount_gr: int | None = None
) -> Planned:
    """Return a form of support (*forma wsparcia*); one that has ended by the last day of the pilot is completed."""
    ended = last is not None and last <= LAST_DAY
    body = {"code": code, **_period(first, last), "status": "completed" if ended else "active"}
    extra = {"hours_total": hours, "amount_gr": amount_gr}
    return Planned(path="support-forms", body=body | {name: value for name, value in extra.items() if value})


def benefit(code: str, *, first: date, last: date | None, amount_gr: int, **more: Any) -> Planned:
    """Return a monthly benefit (*świadczenie*); ``more`` is what the code asks for beside the amount in hand."""
    return Planned(path="benefits", body={"code": code, "monthly_net_gr": amount_gr, **_period(first, last), **more})


def benefits(code: str, parts: Iterable[tuple[date, date, int]]) -> list[Planned]:
    """Return a benefit as one record for each of its amounts; where nothing is due there is none."""
    return [benefit(code, first=first, last=last, amount_gr=amount) for first, last, amount in parts if amount]


def registration(*, first: date, last: date | None, reason: str | None = None) -> Planned:
    """Return a registration as unemployed (*rejestracja bezrobotnego*)."""
    return Planned(path="registrations", body={**_period(first, last), **({"reason": reason} if reason else {})})


def membership(*, first: date, arm: str, county: str, inherited: bool) -> Planned:
    """Return a membership of the programme (*uczestnictwo w programie*)."""
    body = {"arm": arm, "county": county, "inherited": inherited, "from": first.isoformat()}
    return Planned(path="programme-memberships", body=body)


def social_contract(*, first: date, last: date | None, form: str, goals: int) -> Planned:
    """Return a social contract (*kontrakt socjalny*); of form B, on a referral of the same day."""
    referral = {"referral_id": f"S/{first:%Y%m%d}", "referral_day": first.isoformat()} if form == "B" else {}
    return Planned(path="social-contracts", body={"form": form, "goals": goals, **referral, **_period(first, last)})


def household(*, first: date, number: str, members: int, children: int, dependants: int) -> Planned:
    """Return a household (*gospodarstwo domowe*)."""
    body = {"number": number, "members": members, "children": children, "dependants": dependants}
    return Planned(path="households", body={**body, "from": first.isoformat()})


def in_force(records: Iterable[Planned], *, on: date) -> list[dict[str, Any]]:
    """Return the bodies of benefits in force on a day."""
    day = on.isoformat()
    bodies = (record.body for record in records if record.path == "benefits")
    return [body for body in bodies if body["from"] <= day <= body.get("until", _OPEN)]


def paid_gr(records: Iterable[Planned], *, on: date) -> int:
    """Return what benefits pay in the month of a day, those gained by a job left out; grosze."""
    return sum(body["monthly_net_gr"] for body in in_force(records, on=on) if not is_gained(body))


def is_gained(body: dict[str, Any]) -> bool:
    """Tell whether a benefit only starts with the job."""
    return catalogue.form(body["code"]).effect == "gained"


def _period(first: date, last: date | None) -> dict[str, str]:
    return {"from": first.isoformat(), **({"until": last.isoformat()} if last else {})}
