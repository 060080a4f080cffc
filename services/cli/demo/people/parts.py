"""What belongs to a record, made of what a person's records say: goals of a contract, plans and their steps.

Nothing is drawn here, so people of a seed stay who they are. Parts never leave the office.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import cycle, islice
from types import MappingProxyType
from typing import Any, Final

from services.cli.demo.people.days import LAST_DAY, days_after
from services.cli.demo.people.person import Planned
from shared.domain import catalogue

PARENT: Final[Mapping[str, str]] = MappingProxyType(
    {"contract-goals": "social_contract_id", "action-plan-steps": "action_plan_id"}
)
"""How a part names the record that it belongs to."""

_GOALS: Final = (
    "stała praca",
    "spłata zaległości czynszowych w ratach",
    "opieka nad dzieckiem na czas pracy",
    "ukończenie kursu",
    "regularne wizyty w poradni",
    "założenie konta i budżet domowy",
)
_ENDS: Final = ("reached", "partly_reached", "reached", "not_reached")
_GOAL_DAYS: Final = 180
_STEPS: Final = frozenset({"PUP-POR", "PUP-STA", "PUP-SZK", "PUP-INT", "PUP-PSU", "PUP-PAI", "PUP-PZD"})


def with_parts(records: Sequence[Planned]) -> Iterator[tuple[Planned, Sequence[Planned]]]:
    """Yield each record of a person at an office with what belongs to it, and a plan for each form PUP-IPD.

    >>> form = Planned(path="support-forms", body={"code": "PUP-IPD", "from": "2026-01-05", "until": "2026-03-01"})
    >>> [(whole.path, len(parts)) for whole, parts in with_parts([form])]
    [('support-forms', 0), ('action-plans', 0)]
    """
    for record in records:
        is_contract = record.path == "social-contracts"
        yield record, list(_goals(record.body)) if is_contract else ()
        if record.path == "support-forms" and record.body["code"] == "PUP-IPD":
            yield _plan(record.body), list(_steps(record.body, records))


def _goals(contract: Mapping[str, Any]) -> Iterator[Planned]:
    """Yield the goals of a contract; those of one that is over have an outcome."""
    due = contract.get("until") or days_after(date.fromisoformat(contract["from"]), _GOAL_DAYS).isoformat()
    ended = _ended(contract)
    for what, result in islice(zip(cycle(_GOALS), cycle(_ENDS), strict=False), contract["goals"]):
        outcome = {"result": result, "ended_on": ended} if ended else {}
        yield Planned(path="contract-goals", body={"what": what, "due": due, **outcome})


def _plan(form: Mapping[str, Any]) -> Planned:
    ended = _ended(form)
    period = {name: form[name] for name in ("from", "until") if name in form}
    body = {"aim": "praca w pełnym wymiarze", **period, **({"result": "job_taken"} if ended else {})}
    return Planned(path="action-plans", body=body)


def _steps(form: Mapping[str, Any], records: Sequence[Planned]) -> Iterator[Planned]:
    """Yield a step for each measure that began under the plan; with a plan that is over each of them is over."""
    over = _ended(form)
    for measure in (one.body for one in records if one.path == "support-forms" and one.body["code"] in _STEPS):
        if not form["from"] <= measure["from"] <= form.get("until", measure["from"]):
            continue
        due, done = measure.get("until", measure["from"]), _ended(measure)
        outcome = {"result": "done", "ended_on": done} if done else {}
        if over and (done is None or done > over):
            outcome = {"result": "dropped", "ended_on": over}
        what = catalogue.form(measure["code"]).name_pl
        yield Planned(path="action-plan-steps", body={"what": what, "code": measure["code"], "due": due, **outcome})


def _ended(body: Mapping[str, Any]) -> str | None:
    """Return the last day of what has ended by the last day of the pilot."""
    until: str | None = body.get("until")
    return until if until is not None and until <= LAST_DAY.isoformat() else None
