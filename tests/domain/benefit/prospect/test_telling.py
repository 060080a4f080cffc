"""What a job would change, in plain Polish and, by switch, in English."""

import csv
import re
from dataclasses import replace
from importlib.resources import files
from typing import get_args

import pytest

from shared.domain.benefit.beside import beside
from shared.domain.benefit.entered import Entered, Monthly
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.prospect.held import Becomes, Note, Why
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.look_ahead import look_ahead
from shared.domain.benefit.prospect.telling import Telling, phrases
from tests.domain.benefit.builders import spaced

from .builders import HALF_TIME, becomes, held

PL, EN = Telling("pl"), Telling("en")
FOUR = Household(members=4, ages=(3, 9), paid_share_bp=10_000)


def test_both_languages_say_everything_with_the_same_facts() -> None:
    polish, english = phrases("pl"), phrases("en")
    for key in polish:
        assert english[key]
        assert sorted(re.findall(r"{\w+}", polish[key])) == sorted(re.findall(r"{\w+}", english[key])), key


def test_no_phrase_runs_into_the_next_column() -> None:
    lines = files("shared.domain.benefit.prospect").joinpath("phrases.csv").read_text("utf-8").splitlines()
    for row in csv.reader(lines, delimiter=";"):
        assert len(row) == 3, row[0]


def test_an_income_that_reaches_the_criterion_leaves_nothing_and_says_so() -> None:
    (outcome,) = becomes(held("OPS-ZOK", 50500), household=Household(members=1))
    assert PL.outcome(outcome).startswith("Przepada z podjęciem pracy.")
    assert "Dochód sięga kryterium, więc zasiłek nie przysługuje." in PL.outcome(outcome)


@pytest.mark.parametrize(("kind", "codes"), [("becomes", Becomes), ("why", Why), ("note", Note)])
def test_every_code_of_an_outcome_has_its_phrase(kind: str, codes: object) -> None:
    assert {f"{kind}.{code}" for code in get_args(codes)} <= set(phrases("pl"))


def test_a_shrinking_allowance_is_told_with_its_rule() -> None:
    (outcome,) = becomes(held("OPS-ZOK", 329200), household=FOUR)
    assert spaced(PL.outcome(outcome)) == (
        "Zmniejsza się z 3 292,00 zł do 1 405,07 zł. Zasiłek okresowy to 100% różnicy między kryterium dochodowym "
        "gospodarstwa (3 292,00 zł) a jego dochodem w pierwszym miesiącu pracy (1 886,93 zł)."
    )
    assert spaced(EN.outcome(outcome)) == (
        "It shrinks from 3,292.00 zł to 1,405.07 zł. The temporary allowance is 100% of the difference between the "
        "household's income criterion (3,292.00 zł) and its income in the first month of work (1,886.93 zł)."
    )


def test_a_bridge_names_its_contract() -> None:
    (outcome,) = becomes(held("OPS-ZOK", 329200, has_contract=True), household=FOUR)
    assert spaced(PL.outcome(outcome)).startswith(
        "Przez 2 miesiące pracy jest wypłacane w całości (3 292,00 zł), potem 1 405,07 zł."
    )
    assert PL.outcome(outcome).endswith("obowiązuje kontrakt socjalny z tym ośrodkiem.")


def test_what_was_not_known_is_said() -> None:
    (outcome,) = becomes(held("OPS-ZOK", 50500))
    assert PL.outcome(outcome) == (
        "Przepada z podjęciem pracy. W dniu podjęcia pracy nie obowiązuje kontrakt socjalny z tym ośrodkiem. "
        "Nie podano danych o gospodarstwie domowym, więc nie zastosowano reguły zależnej od dochodu. "
        "Nie zapisano, ile zostaje po podjęciu pracy: przyjęto, że nic."
    )


def test_benefits_have_their_names_and_hidden_ones_have_none() -> None:
    assert (PL.name(held("PUP-ZAS", 1)), EN.name(held("PUP-ZAS", 1))) == (
        "Zasiłek dla bezrobotnych",
        "Unemployment benefit",
    )
    assert PL.name(held("OPS-CASH", 1)) == "Świadczenie pieniężne ośrodka"


def test_a_month_is_told_with_household_costs_and_rates() -> None:
    ahead = look_ahead([held("OPS-ZOK", 329200)], job=HALF_TIME, household=FOUR, parameters=SchemeParameters())
    travel, alimony, others = ((Monthly(amount_gr=amount_gr),) for amount_gr in (20000, 30000, 100000))
    entered = Entered(costs=travel, deductions=alimony, other_income=others)
    months = beside(ahead.working, gross_of={188693: 240300}, entered=entered, raised=ahead.raised)
    assert spaced(PL.beside(months[1])) == (
        "Przed pracą 3 292,00 zł, w pracy 5 179,00 zł: płaca 1 886,93 zł oraz wsparcie i świadczenia 3 292,07 zł. "
        "W gospodarstwie: przed pracą 4 292,00 zł, w pracy 6 179,00 zł. "
        "Po kosztach pracy (200,00 zł) i potrąceniach z płacy (300,00 zł) zostaje 4 679,00 zł. "
        "21,47% płacy brutto nie zwiększa dochodu (efektywna stopa opodatkowania podjęcia pracy). "
        "21,5% z następnych 100 zł brutto nie zwiększa dochodu (krańcowa efektywna stopa opodatkowania)."
    )
    plain = replace(months[1], costs_gr=0, deductions_gr=0, household_after_gr=months[1].after_gr, marginal_bp=None)
    assert spaced(EN.beside(plain)) == (
        "Before the job 3,292.00 zł, with it 5,179.00 zł: a wage of 1,886.93 zł, and 3,292.07 zł of support and "
        "benefits. 21.47% of the gross wage does not add to income (participation tax rate)."
    )


def test_less_than_nothing_is_written_with_a_sign() -> None:
    assert spaced(PL.signed_money(-1250)) == "-12,50 zł"
    assert EN.signed_percent(-150) == "-1.5%"
