"""Cases of files that state gross wages: each becomes the net wage of a full month by the law of its day.

The rule itself knows net wages alone. A file may state ``gross_wage_gr`` in an event instead, so that a reform of tax
or contributions shows in what people get.

>>> case = {"employment": [{"kind": "start", "effective": "2026-05-01", "gross_wage_gr": 480600}]}
>>> found, figures = with_net_wages(case)
>>> found["employment"], len(figures)
([{'kind': 'start', 'effective': '2026-05-01', 'net_wage_gr': 360585}], 9)
>>> case["employment"][0]["net_wage_gr"] = 360585
>>> with_net_wages(case)
Traceback (most recent call last):
GrossAndNet: Give either the gross or the net wage of a full month.
"""

from typing import Any, Final

from shared.domain.benefit.dated import DatedValue, NoValue, Table
from shared.domain.benefit.members import day, money
from shared.domain.benefit.net_wage import net_wage
from shared.domain.errors import Invalid

_GROSS: Final = "gross_wage_gr"
_NET: Final = "net_wage_gr"


class GrossAndNet(Invalid):
    """Give either the gross or the net wage of a full month."""


class UnknownLaw(Invalid):
    """The table of law has no figures for that day."""


def with_net_wages(value: Any, *, law: Table | None = None) -> tuple[Any, frozenset[DatedValue]]:
    """Return a JSON case with net wages alone, and the figures of law that made them; ``law`` is a reform's table.

    What is no case, or no event, is left for the reader of cases to refuse.

    :raises GrossAndNet: an event states both.
    :raises UnknownLaw: a figure is not known for the day of an event; the text names it and the gap.
    :raises Invalid: the day or the wage is none.
    """
    events = value.get("employment") if isinstance(value, dict) else None
    if not isinstance(events, list) or not any(isinstance(event, dict) and _GROSS in event for event in events):
        return value, frozenset()
    used: set[DatedValue] = set()
    found = [_with_net_wage(event, f"employment[{place}]", law, used) for place, event in enumerate(events)]
    return {**value, "employment": found}, frozenset(used)


def _with_net_wage(event: Any, field: str, law: Table | None, used: set[DatedValue]) -> Any:
    if not isinstance(event, dict) or _GROSS not in event:
        return event
    if _NET in event:
        raise GrossAndNet(field=f"{field}.{_GROSS}", expected=f"no {_GROSS} beside {_NET}")
    on = day(event.get("effective"), field=f"{field}.effective")
    gross = money(event[_GROSS], field=f"{field}.{_GROSS}")
    try:
        wage = net_wage(gross, on=on, law=law)
    except NoValue as gap:
        raise UnknownLaw(gap.detail, field=f"{field}.effective", received=on.isoformat(), parameter=gap.field) from None
    used.update(wage.figures)
    return {**{name: each for name, each in event.items() if name != _GROSS}, _NET: wage.net_gr}
