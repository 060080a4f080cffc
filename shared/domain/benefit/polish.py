"""The explanation in Polish (*uzasadnienie*): phrases for caseworkers and clients.

>>> in_month("2026-09") + due("1 567,70 zł", span="", parts=1)
'We wrześniu 2026 przysługuje 1 567,70 zł: '
"""

from functools import lru_cache

from shared.domain.benefit.curves import MONTHS, Curve
from shared.domain.money import in_zloty

money = in_zloty

_IN_MONTH = {
    "01": "W styczniu",
    "02": "W lutym",
    "03": "W marcu",
    "04": "W kwietniu",
    "05": "W maju",
    "06": "W czerwcu",
    "07": "W lipcu",
    "08": "W sierpniu",
    "09": "We wrześniu",
    "10": "W październiku",
    "11": "W listopadzie",
    "12": "W grudniu",
}
_IN_SUPPORT_MONTH = tuple(f"w {month}. z {MONTHS} miesięcy wsparcia" for month in range(MONTHS + 1))
_CURVES = {"linear": "liniowa", "stepped": "schodkowa", "halving": "malejąca o połowę co 4 miesiące"}
_QUANTA = {1: "pełnego grosza", 100: "pełnego złotego"}


def about(amount: str, /) -> str:
    """Say that an amount is rounded to be printed."""
    return f"około {amount}"


@lru_cache(maxsize=4096)
def percent(rate_bp: int, /) -> str:
    """Write basis points as a percentage.

    >>> percent(7500), percent(8409), percent(8410)
    ('75%', '84,09%', '84,1%')
    """
    whole, rest = divmod(rate_bp, 100)
    return f"{whole},{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def days(tenths: int, *, exact: bool) -> str:
    """Write tenths of days, and say so where they are rounded.

    >>> days(160, exact=True), days(145, exact=False), days(0, exact=False)
    ('16', 'około 14,5', 'mniej niż 0,1')
    """
    if exact:
        return str(tenths // 10)
    return f"około {tenths // 10},{tenths % 10}" if tenths else "mniej niż 0,1"


def span(counted: str, *, of: int) -> str:
    """Say which part of the month counts."""
    return f" za {counted} z {of} dni"


# An explanation names dozens of months and rates, most of them again and again.
@lru_cache(maxsize=4096)
def in_month(month: str, /) -> str:
    """Open the sentence of a month ``YYYY-MM``."""
    return f"{_IN_MONTH[month[5:]]} {month[:4]}"


def due(amount: str, /, *, span: str, parts: int) -> str:
    """Say what is due, and in how many parts the reason follows."""
    said = f" przysługuje {amount}" if amount else " nic nie przysługuje"
    return f"{said}{span}, w {parts} częściach: " if parts > 1 else f"{said}{span}: "


@lru_cache(maxsize=256)
def months(first: int, last: int, /) -> str:
    """Name the clock months."""
    return _IN_SUPPORT_MONTH[first] if first == last else f"w {first}. i {_IN_SUPPORT_MONTH[last][2:]}"


def during(counted: str, *, exact: bool, wage: str) -> str:
    """Open a part of a month, with the wage where the month has several."""
    noun = "dnia" if not exact else "dzień" if counted == "1" else "dni"
    return f"przez {counted} {noun} (płaca netto {wage}), " if wage else f"przez {counted} {noun}, "


def no_benefits() -> str:
    """Say that there were no benefits before the job, so that there is nothing to make up for."""
    return " nie ma czego wyrównywać, bo przed podjęciem pracy nie było świadczeń"


def base(before: str, *, lost: str, kept: bool) -> str:
    """Name the benefits before the job, and what of them is lost where a part is kept."""
    if not kept:
        return f"{before} utraconych świadczeń"
    return f"{before} świadczeń sprzed pracy (utracono {lost})"


def curve(rate: str, *, base: str, taper: str) -> str:
    """Say what the curve gives."""
    return f" krzywa daje {rate} z {base}{taper}"


def taper(amount: str, *, rate: str, wage: str, disregard: str) -> str:
    """Say what the wage takes off the curve."""
    if not disregard:
        return f", minus {amount} ({rate} płacy netto {wage})"
    return f", minus {amount} ({rate} nadwyżki płacy netto {wage} ponad {disregard})"


def guarantee(base: str, *, curve: str, rate: str, wage: str) -> str:
    """Say that the guarantee gives more than the curve, and what."""
    return f" gwarancja opłacalności pracy daje więcej niż krzywa ({curve}): {base} minus {rate} płacy netto {wage}"


def less_paid(kept: str, /) -> str:
    """Take off what is paid while working, kept and gained."""
    return f", minus {kept} świadczeń wypłacanych w trakcie pracy"


def missing(amount: str, /) -> str:
    """Give the outcome of a full month."""
    return f", czyli {amount}"


def for_full_month() -> str:
    """Say that the outcome is for a full month, where what is told of is a part of one."""
    return " za pełny miesiąc"


def nothing_missing() -> str:
    """Say that nothing is missing."""
    return ", więc niczego nie brakuje"


def rounded(*, together: str, split: bool, quantum_gr: int) -> str:
    """Say what was rounded up; ``together`` where the outcome is not that of a full month."""
    quantum = _QUANTA.get(quantum_gr) or f"pełnych {quantum_gr} gr"
    if not together:
        return f"; zaokrąglono w górę do {quantum}"
    return f"; {'razem' if split else 'za tę część miesiąca'} {together}, zaokrąglono w górę do {quantum}"


def capped(*, cap: str, span: str, before: str, after: str) -> str:
    """Say that the cap lowered the amount."""
    here = f", tu{span}," if span else ""
    return f" Limit {cap} za pełny miesiąc{here} obniżył kwotę z {before} do {after}."


def summary(*, curve: Curve, total: str, months: int) -> str:
    """Sum up the schedule."""
    if not months:
        return "Nie ma ani jednego dnia pracy, więc wsparcie nie przysługuje."
    name = _CURVES[curve] if isinstance(curve, str) else "ustalona dla tej sprawy"
    return f"Krzywa {name}: łącznie {total} w {months} {'miesiącu' if months == 1 else 'miesiącach'}."


def gap(amount: str, /) -> str:
    """Say what will be missing when the scheme ends, and who takes over."""
    if not amount:
        return (
            " Po zakończeniu wsparcia ostatnia płaca i zachowane świadczenia dadzą nie mniej niż świadczenia sprzed "
            "pracy."
        )
    return (
        f" Po zakończeniu wsparcia, przy ostatniej płacy, zabraknie {amount} miesięcznie: sprawę kieruje się do "
        "ośrodka pomocy społecznej (OPS)."
    )
