"""What a clock month is worth: the formula of the degressive benefit (*wsparcie degresywne*).

For clock month m at net wage W (BENEFIT.md, "The rate in clock month m at wage W")::

    B   = benefits before the job           R_m = benefits paid in month m, kept and gained
    ENV = max(0, s_m B - taper max(0, W - disregard))                       the curve
    G   = max(0, B - (1 - premium) W)  while m <= guarantee_months, else 0  the guarantee
    N   = max(ENV, G, R_m) - R_m                                            what is missing

Rates are basis points, so ENV, G and N are in 1/10 000 grosz (``_e4``).

>>> from shared.domain.benefit.case import Benefit
>>> from shared.domain.benefit.shares import holdings_by_month
>>> holdings = holdings_by_month([Benefit("PUP-ZAS", "pup-2478", 233520)])
>>> found = rates_at(wage_gr=180000, holdings=holdings, parameters=SchemeParameters())
>>> [missing // 10_000 for missing in found.missing_e4[2:12:3]]
[233520, 175140, 116760, 89520]
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.shares import Holdings


# Made once a wage and read dozens of times; slots are read faster than the fields of a named tuple.
@dataclass(frozen=True, slots=True)
class Rates:
    """What the twelve clock months are worth at one wage, each for a full month; month m is at index m - 1.

    ``runs`` names, for each month, the first of the months in a row that are worth the same, by the same step.
    """

    wage_gr: int
    holdings: Sequence[Holdings]
    curve_e4: Sequence[int]
    guarantee_e4: Sequence[int]
    missing_e4: Sequence[int]
    runs: Sequence[int]


def rates_at(*, wage_gr: int, holdings: Sequence[Holdings], parameters: SchemeParameters) -> Rates:
    """Return ENV, G and N of the twelve clock months at a net wage of a full month, in grosze."""
    before = holdings[0].before_gr
    taper = parameters.taper_bp * max(0, wage_gr - parameters.disregard_gr)
    curve = [due - taper if (due := step * before) > taper else 0 for step in parameters.steps_bp]
    pledge = max(0, WHOLE_BP * before - (WHOLE_BP - parameters.premium_bp) * wage_gr)
    guarantee = [pledge] * parameters.guarantee_months + [0] * (MONTHS - parameters.guarantee_months)
    missing: list[int] = []
    runs: list[int] = []
    last: tuple[int, int, Holdings, int] | None = None
    for index, worth in enumerate(zip(curve, guarantee, holdings, parameters.steps_bp, strict=True)):
        if worth == last:
            missing.append(missing[-1])
            runs.append(runs[-1])
        else:
            last = worth
            kept = WHOLE_BP * worth[2].kept_gr
            missing.append(max(worth[0], worth[1], kept) - kept)
            runs.append(index)
    return Rates(wage_gr, holdings, curve, guarantee, missing, runs)
