"""The same rules in OpenFisca-Core, written as its own country packages are: variables by month, dated parameters.

Clock months are the months of 2026, calendar months those from 2026-01 to 2027-01. The curve and the guarantee are
dated parameters. Whole numbers are int64 instead of OpenFisca's int32, in which 1/10 000 grosz would overflow; the
two owners' shares use the shortest exact form. Benefits are variables of the case, which spares OpenFisca the sums
over members of a group. Only this module imports OpenFisca.
"""

from typing import Any

import numpy as np
from openfisca_core.entities import Entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benchmarks.degression.cases import PARAMETERS, Columns, Schedules, blank

CASE = Entity("case", "cases", "A case of the degressive benefit", "")
CLOCK = [f"2026-{month:02d}" for month in range(1, 13)]
CALENDAR = [*CLOCK, "2027-01"]
INPUTS = [*(f"{name}_{place}" for place in range(4) for name in ("amount", "kept_through", "owner"))]
INPUTS += ["wage", "worked", "length"]


class Whole(Variable):  # type: ignore[misc]
    """A whole number of 64 bits."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.dtype = np.int64


def variable(name: str, formula: Any = None, *, eternal: bool = False) -> type[Whole]:
    """Return a variable of the case; without a formula it is an input."""
    span = DateUnit.ETERNITY if eternal or formula is None else DateUnit.MONTH
    members = {"value_type": int, "entity": CASE, "definition_period": span, "label": name}
    return type(name, (Whole,), {**members, **({} if formula is None else {"formula": formula})})


def before(case: Any, period: Any) -> Any:
    return sum(case(f"amount_{place}", period) for place in range(4))


def kept(case: Any, period: Any) -> Any:
    month = period.start.month
    return sum(case(f"amount_{n}", period) * (case(f"kept_through_{n}", period) >= month) for n in range(4))


def lost_by(owner: int) -> type[Whole]:
    def formula(case: Any, period: Any) -> Any:
        if period.start.year != 2026:
            return 0 * case("wage", period)
        month = period.start.month
        return sum(
            case(f"amount_{n}", period)
            * ((case(f"kept_through_{n}", period) < month) & (case(f"owner_{n}", period) == owner))
            for n in range(4)
        )

    return variable(f"lost_{owner}", formula)


def weight_of(owner: int) -> type[Whole]:
    def formula(case: Any, period: Any) -> Any:
        rest = case("length", period) - case("worked", period)
        earlier, now = case(f"lost_{owner}", period.last_month), case(f"lost_{owner}", period)
        return rest * earlier + case("worked", period) * now

    return variable(f"weight_{owner}", formula)


def curve(case: Any, period: Any, parameters: Any) -> Any:
    scheme = parameters(period).scheme
    above = np.maximum(0, case("wage", period) - scheme.disregard_gr)
    return np.maximum(0, scheme.step_bp * case("before", period) - scheme.taper_bp * above)


def guarantee(case: Any, period: Any, parameters: Any) -> Any:
    scheme = parameters(period).scheme
    pledge = 10_000 * case("before", period) - (10_000 - scheme.premium_bp) * case("wage", period)
    return np.maximum(0, pledge) * scheme.guaranteed


def missing(case: Any, period: Any) -> Any:
    if period.start.year != 2026:
        return 0 * case("wage", period)
    kept = 10_000 * case("kept", period)
    return np.maximum(np.maximum(case("curve", period), case("guarantee", period)), kept) - kept


def code(case: Any, period: Any) -> Any:
    if period.start.year != 2026:
        return 0 * case("wage", period)
    reason = np.where(case("guarantee", period) > case("curve", period), 1, 2)
    return np.where(case("missing", period) == 0, 16, reason)


def amount(case: Any, period: Any, parameters: Any) -> Any:
    quantum = parameters(period).scheme.quantum_gr
    worked, length = case("worked", period), case("length", period)
    need = (length - worked) * case("missing", period.last_month) + worked * case("missing", period)
    return -(-need // (10_000 * quantum * length)) * quantum


def codes(case: Any, period: Any) -> Any:
    is_part = case("worked", period) < case("length", period)
    found = case("code", period) | np.where(is_part, case("code", period.last_month), 0)
    return found | np.where(is_part, 8, 0) if str(period) in ("2026-01", "2027-01") else found


def share_0(case: Any, period: Any) -> Any:
    whole = np.maximum(case("weight_0", period) + case("weight_1", period), 1)
    return (2 * case("amount", period) * case("weight_0", period) + whole) // (2 * whole)


def share_1(case: Any, period: Any) -> Any:
    return case("amount", period) - case("share_0", period)


def gap(case: Any, period: Any) -> Any:
    good = sum(case(f"amount_{n}", period) * (case(f"kept_through_{n}", period) == 13) for n in range(4))
    return np.maximum(0, case("before", period) - case("wage", period) - good)


def system() -> TaxBenefitSystem:
    """Return the rules with their parameters."""
    made = TaxBenefitSystem([CASE])
    monthly = (kept, curve, guarantee, missing, code, amount, codes, share_0, share_1)
    made.add_variables(*map(variable, INPUTS), *(variable(each.__name__, each) for each in monthly))
    made.add_variables(*(variable(each.__name__, each, eternal=True) for each in (before, gap)))
    made.add_variables(lost_by(0), lost_by(1), weight_of(0), weight_of(1))
    steps = {f"{month}-01": {"value": step} for month, step in zip(CLOCK, PARAMETERS.steps_bp, strict=True)}
    since = "2025-01-01"
    single = {name: getattr(PARAMETERS, name) for name in ("premium_bp", "taper_bp", "disregard_gr", "quantum_gr")}
    scheme: dict[str, Any] = {name: {"values": {since: {"value": value}}} for name, value in single.items()}
    scheme["step_bp"] = {"values": steps}
    scheme["guaranteed"] = {"values": {since: {"value": 1}, "2027-01-01": {"value": 0}}}
    made.parameters = ParameterNode("", data={"scheme": scheme})
    return made


def simulation(rules: TaxBenefitSystem, columns: Columns, *, trace: bool = False) -> Simulation:
    """Return a simulation with the inputs set."""
    made = SimulationBuilder().build_default_simulation(rules, count=len(columns))
    made.trace = trace
    eternity = period("ETERNITY")
    for place in range(4):
        made.get_holder(f"amount_{place}").set_input(eternity, columns.amount_gr[place])
        made.get_holder(f"kept_through_{place}").set_input(eternity, columns.kept[place].astype(np.int64))
        made.get_holder(f"owner_{place}").set_input(eternity, columns.owner[place].astype(np.int64))
    made.get_holder("wage").set_input(eternity, columns.wage_gr)
    made.get_holder("worked").set_input(eternity, columns.worked.astype(np.int64))
    made.get_holder("length").set_input(eternity, columns.length.astype(np.int64))
    return made


def calculate(made: Simulation) -> None:
    """Calculate all that the schedules hold; OpenFisca keeps what it has calculated."""
    for month in CALENDAR:
        for name in ("amount", "codes", "share_0", "share_1"):
            made.calculate(name, month)
    made.calculate("gap", CALENDAR[-1])


def schedules(made: Simulation, columns: Columns) -> Schedules:
    """Return what was calculated as schedules, outside of any measurement."""
    filled = blank(columns)
    for index, month in enumerate(CALENDAR):
        filled.amount_gr[index] = made.calculate("amount", month)
        filled.codes[index] = made.calculate("codes", month)
        for owner in range(2):
            filled.share_gr[index, owner] = made.calculate(f"share_{owner}", month)
    filled.total_gr[:] = filled.amount_gr.sum(axis=0)
    filled.gap_gr[:] = made.calculate("gap", CALENDAR[-1])
    return filled
