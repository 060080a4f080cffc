"""What becomes of a job after it has started: it goes on, it ends, it is taken up again, or the wage changes.

Late news must change the schedule, or there would be nothing to correct. An end does while the benefit still replaces
the whole loss; a wage does where it moves the guarantee, which is asked of the rule itself.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from services.cli.demo.people.careers import SOONEST_NEWS_DAYS, Career
from services.cli.demo.people.days import LAST_DAY, days_after
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.life import FULL_TIME_BP, HALF_TIME_BP, Life, Wage, minimum_wage
from services.cli.demo.people.person import Job, News, Planned
from services.cli.demo.people.planned import in_force, is_gained
from shared.domain.benefit.case import Benefit
from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.parameters import scheme_parameters
from shared.domain.benefit.rates import rates_at
from shared.domain.benefit.shares import holdings_by_month

_WHOLE_LOSS_DAYS: Final = 75
"""So many days into the job the benefit surely replaces the whole loss still."""
_LATEST_NEWS_DAYS: Final = 150
_SOON_DAYS: Final = 40
_BREAK_DAYS: Final = (31, 45)
"""A job that is taken up again is lost within so many days, and for so many at least and at most."""
_NOTICED_GR: Final = 1_000
"""A late wage must move a month's amount by more than rounding could hide."""


def draw_job(*, career: Career, life: Life, records: Sequence[Planned], dice: Dice) -> Job:
    """Return the job of a career; ``records`` are those of all offices, by which late news is chosen."""
    start = {"effective": career.start.isoformat(), **_wage_body(career.wage), "contract_kind": "employment"}
    return Job(start=start, news=tuple(_news(career, life, records, dice)))


def _news(career: Career, life: Life, records: Sequence[Planned], dice: Dice) -> Iterator[News]:
    late = career.outcome.startswith("late")
    if career.outcome == "plain":
        return
    if career.outcome.endswith("wage"):
        day = _news_day(career.start, _LATEST_NEWS_DAYS, dice)
        offered = [wage for wage in _other_wages(career.wage, day) if not late or _alters(wage, life, records)]
        if offered:
            yield News(path="wage-changes", body={"effective": day.isoformat(), **_wage_body(offered[0])}, late=late)
            return
    is_break = career.outcome == "late_break"
    within = _SOON_DAYS if is_break else _WHOLE_LOSS_DAYS if late else _LATEST_NEWS_DAYS
    last = _news_day(career.start, within, dice)
    yield News(path="end", body={"last_day": last.isoformat()}, late=late)
    if is_break:
        back = days_after(last, dice.between(*_BREAK_DAYS))
        yield News(path="wage-changes", body={"effective": back.isoformat(), **_wage_body(career.wage)}, late=True)


def _news_day(start: date, within: int, dice: Dice) -> date:
    return dice.day(days_after(start, SOONEST_NEWS_DAYS), min(days_after(start, within), LAST_DAY))


def _other_wages(now: Wage, on: date) -> list[Wage]:
    """Return wages a job may come to: full time or a rise from below it, and half time from above that."""
    if now.working_time_bp == HALF_TIME_BP:
        return [minimum_wage(percent=100, working_time_bp=FULL_TIME_BP, on=on)]
    if now.working_time_bp < FULL_TIME_BP:
        return [
            minimum_wage(percent=percent, working_time_bp=time, on=on)
            for percent, time in ((50, HALF_TIME_BP), (100, FULL_TIME_BP))
        ]
    raised = now.gross_gr * 110 // 100
    full = minimum_wage(percent=100, working_time_bp=FULL_TIME_BP, on=on)
    percent = raised * 100 // full.gross_gr
    return [
        minimum_wage(percent=percent, working_time_bp=FULL_TIME_BP, on=on),
        minimum_wage(percent=50, working_time_bp=HALF_TIME_BP, on=on),
    ]


def _alters(wage: Wage, life: Life, records: Sequence[Planned]) -> bool:
    """Tell whether the last clock month is worth noticeably more or less at another wage."""
    holdings = holdings_by_month(list(_rows(life, records)))
    parameters = scheme_parameters(on=life.start)
    before, after = (
        rates_at(wage_gr=net_gr, holdings=holdings, parameters=parameters).missing_e4[-1]
        for net_gr in (life.net_gr, wage.net_gr)
    )
    return abs(after - before) >= _NOTICED_GR * WHOLE_BP


def _rows(life: Life, records: Sequence[Planned]) -> Iterator[Benefit]:
    """Yield the benefits as the rule sees them in the last clock month: what is lost, what remains.

    The owner does not matter here, nor a benefit that is kept for some months only.
    """
    for body in in_force(records, on=life.eve):
        if not is_gained(body):
            left = body.get("remaining_net_gr", 0)
            yield Benefit(body["code"], "", body["monthly_net_gr"] - left)
            yield Benefit(body["code"], "", left, None)


def _wage_body(wage: Wage) -> dict[str, Any]:
    return {"net_gr": wage.net_gr, "gross_gr": wage.gross_gr, "working_time_bp": wage.working_time_bp}
