"""The explanation in English, phrase by phrase as in Polish.

>>> in_month("2026-09") + due("1,567.70 zł", span="", parts=1)
'In September 2026, 1,567.70 zł is due: '
"""

from functools import lru_cache

from shared.domain.benefit.curves import Curve
from shared.domain.money import UNBROKEN

_MONTHS = {
    "01": "January",
    "02": "February",
    "03": "March",
    "04": "April",
    "05": "May",
    "06": "June",
    "07": "July",
    "08": "August",
    "09": "September",
    "10": "October",
    "11": "November",
    "12": "December",
}
_CURVES = {"linear": "Linear curve", "stepped": "Stepped curve", "halving": "Curve that halves every 4 months"}
_QUANTA = {1: "a whole grosz", 100: "a whole złoty"}


def money(grosze: int, /) -> str:
    r"""Write an amount as English readers do; its space breaks no line.

    >>> money(156770)
    '1,567.70\xa0zł'
    """
    return f"{grosze // 100:,}.{grosze % 100:02d}{UNBROKEN}zł"


def about(amount: str, /) -> str:
    """Say that an amount is rounded to be printed."""
    return f"about {amount}"


@lru_cache(maxsize=4096)
def percent(rate_bp: int, /) -> str:
    """Write basis points as a percentage.

    >>> percent(7500), percent(8409)
    ('75%', '84.09%')
    """
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def days(tenths: int, *, exact: bool) -> str:
    """Write tenths of days, and say so where they are rounded."""
    if exact:
        return str(tenths // 10)
    return f"about {tenths // 10}.{tenths % 10}" if tenths else "less than 0.1"


def span(counted: str, *, of: int) -> str:
    """Say which part of the month counts."""
    return f" for {counted} of {of} days"


@lru_cache(maxsize=4096)
def in_month(month: str, /) -> str:
    """Open the sentence of a month ``YYYY-MM``."""
    return f"In {_MONTHS[month[5:]]} {month[:4]}"


def due(amount: str, /, *, span: str, parts: int) -> str:
    """Say what is due, and in how many parts the reason follows."""
    split = f", in {parts} parts" if parts > 1 else ""
    return f", {amount or 'nothing'} is due{span}{split}: "


@lru_cache(maxsize=256)
def months(first: int, last: int, /) -> str:
    """Name the clock months."""
    return f"in support month {first} of 12" if first == last else f"in support months {first} and {last} of 12"


def during(counted: str, *, exact: bool, wage: str) -> str:
    """Open a part of a month, with the wage where the month has several."""
    noun = "day" if exact and counted == "1" else "days"
    return f"for {counted} {noun} (net wage {wage}), " if wage else f"for {counted} {noun}, "


def no_benefits() -> str:
    """Say that there were no benefits before the job, so that there is nothing to make up for."""
    return " there is nothing to make up for, since there were no benefits before the job"


def base(before: str, *, lost: str, kept: bool) -> str:
    """Name the benefits before the job, and what of them is lost where a part is kept."""
    return f"{before} of benefits before the job ({lost} lost)" if kept else f"{before} of lost benefits"


def curve(rate: str, *, base: str, taper: str) -> str:
    """Say what the curve gives."""
    return f" the curve gives {rate} of {base}{taper}"


def taper(amount: str, *, rate: str, wage: str, disregard: str) -> str:
    """Say what the wage takes off the curve."""
    over = f"the part of the net wage of {wage} above {disregard}" if disregard else f"the net wage of {wage}"
    return f", less {amount} ({rate} of {over})"


def guarantee(base: str, *, curve: str, rate: str, wage: str) -> str:
    """Say that the guarantee gives more than the curve, and what."""
    more = f" the guarantee that work pays gives more than the curve ({curve}): "
    return f"{more}{base} less {rate} of the net wage of {wage}"


def less_paid(kept: str, /) -> str:
    """Take off what is paid while working, kept and gained."""
    return f", less {kept} of benefits paid while working"


def missing(amount: str, /) -> str:
    """Give the outcome of a full month."""
    return f", which is {amount}"


def for_full_month() -> str:
    """Say that the outcome is for a full month, where what is told of is a part of one."""
    return " for a full month"


def nothing_missing() -> str:
    """Say that nothing is missing."""
    return ", so nothing is missing"


def rounded(*, together: str, split: bool, quantum_gr: int) -> str:
    """Say what was rounded up; ``together`` where the outcome is not that of a full month."""
    quantum = _QUANTA.get(quantum_gr) or f"a multiple of {quantum_gr} gr"
    if not together:
        return f"; rounded up to {quantum}"
    return f"; {'together' if split else 'for this part of the month'} {together}, rounded up to {quantum}"


def capped(*, cap: str, span: str, before: str, after: str) -> str:
    """Say that the cap lowered the amount."""
    here = f", here{span}," if span else ""
    return f" The cap of {cap} for a full month{here} lowered {before} to {after}."


def summary(*, curve: Curve, total: str, months: int) -> str:
    """Sum up the schedule."""
    if not months:
        return "There is not a single day of work, so no support is due."
    name = _CURVES[curve] if isinstance(curve, str) else "Curve set for this case"
    return f"{name}: {total} in all, over {months} {'month' if months == 1 else 'months'}."


def gap(amount: str, /) -> str:
    """Say what will be missing when the scheme ends, and who takes over."""
    if not amount:
        return (
            " When the support ends, the last wage and the benefits kept are no less than the benefits before the job."
        )
    return (
        f" When the support ends, at the last wage, {amount} a month will be missing: the case is referred to the "
        "welfare centre (OPS)."
    )
