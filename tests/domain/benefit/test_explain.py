"""The explanation: a golden file in each language, and what every text must say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit import english, polish
from shared.domain.benefit.case import Benefit, Case, parse_case
from shared.domain.benefit.explain import Language, explain, explained_json
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.result import result_json
from shared.domain.benefit.rule import work_out

from .builders import FOLDER, OPS, PROPERTY, WORKED, case, cases, event, spaced


def page(language: Language) -> str:
    """Return the explanations of the ten worked cases as one text."""
    told = []
    for name, known in WORKED.items():
        explanation = explain(work_out(parse_case(known["case"])), language=language)
        told.append("\n".join([f"## {name}", *explanation.months, explanation.summary, ""]))
    return "\n".join(told)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_worked_cases_are_explained_as_in_the_golden_file(language: Language) -> None:
    assert page(language) == (FOLDER / f"explanations.{language}.txt").read_text("utf-8")


@PROPERTY
@given(cases(), st.sampled_from(["pl", "en"]))
def test_every_month_of_any_case_is_explained_by_its_amount(known: Case, language: Language) -> None:
    working = work_out(known)
    explanation = explain(working, language=language)
    assert len(explanation.months) == len(working.result.months)
    for month, text in zip(working.result.months, explanation.months, strict=True):
        amount = (polish if language == "pl" else english).money(month.amount_gr)
        assert (
            amount if month.amount_gr else ("nic nie przysługuje" if language == "pl" else "nothing is due")
        ) in text
        assert text.endswith(".")
        assert "  " not in text
        assert ("Limit" in text or "The cap of" in text) == ("L" in month.codes)
        assert ("gwarancja" in text or "the guarantee" in text) or "G" not in month.codes
    assert re.search("[.]$", explanation.summary)


@PROPERTY
@given(cases(), st.sampled_from(["pl", "en"]))
def test_a_month_is_told_alike_alone_and_among_the_others(known: Case, language: Language) -> None:
    working = work_out(known)
    alone = [
        explain(working._replace(result=working.result._replace(months=(month,)), parts=[parts]), language=language)
        for month, parts in zip(working.result.months, working.parts, strict=True)
    ]
    assert explain(working, language=language).months == tuple(each.months[0] for each in alone)


def test_what_is_missing_at_the_end_is_referred_to_the_welfare_centre() -> None:
    working = work_out(case(event("start", "2026-03-01", 150000)))
    assert "zabraknie 590,20 zł miesięcznie: sprawę kieruje się do ośrodka" in spaced(explain(working).summary)
    assert "590.20 zł a month will be missing" in spaced(explain(working, language="en").summary)


def test_work_that_never_was_is_said_in_one_sentence() -> None:
    explanation = explain(work_out(case(event("start", "2026-03-01", 1, 1), event("stop", "2026-03-01", None, 2))))
    assert explanation.months == ()
    assert explanation.summary == "Nie ma ani jednego dnia pracy, więc wsparcie nie przysługuje."


def test_a_capped_part_month_names_the_part() -> None:
    working = work_out(case(event("start", "2026-03-16", 0), parameters=SchemeParameters(cap_gr=150000)))
    assert spaced(explain(working).months[0]).endswith(
        " Limit 1 500,00 zł za pełny miesiąc, tu za 16 z 31 dni, obniżył kwotę z 1 078,90 zł do 774,10 zł."
    )


def test_a_part_of_a_month_is_rounded_in_so_many_words() -> None:
    working = work_out(case(event("start", "2026-03-16", 300_000)))
    assert spaced(explain(working).months[0]).endswith(
        "; za tę część miesiąca około 1 078,81 zł, zaokrąglono w górę do pełnych 10 gr."
    )


@PROPERTY
@given(cases(), st.sampled_from(["pl", "en"]))
def test_no_amount_breaks_over_lines(known: Case, language: Language) -> None:
    told = explain(work_out(known), language=language)
    for text in (*told.months, told.summary):
        assert not re.search("[0-9] (?:[0-9]{3}|zł)", text)


def test_one_day_is_one_day() -> None:
    employed = (event("start", "2026-03-01", 100), event("wage", "2026-03-02", 200), event("stop", "2026-03-03"))
    text = spaced(explain(work_out(case(*employed))).months[0])
    assert text.startswith(
        "W marcu 2026 przysługuje 134,90 zł za 2 z 31 dni, w 2 częściach: przez 1 dzień (płaca netto "
    )


def test_a_case_without_benefits_says_so() -> None:
    text = explain(work_out(case(event("start", "2026-05-01", 100), benefits=()))).months[0]
    assert text == (
        "W maju 2026 nic nie przysługuje: w 1. z 12 miesięcy wsparcia nie ma czego wyrównywać, bo przed podjęciem "
        "pracy nie było świadczeń."
    )


def test_benefits_that_are_all_kept_are_not_called_lost() -> None:
    kept = Benefit("OPS-ARO", OPS, 24800, kept_months=None)
    text = explain(work_out(case(event("start", "2026-05-01", 100000), benefits=(kept,)))).months[0]
    assert spaced(text) == (
        "W maju 2026 nic nie przysługuje: w 1. z 12 miesięcy wsparcia krzywa daje 100% z 248,00 zł świadczeń sprzed "
        "pracy (utracono 0,00 zł), minus 248,00 zł świadczeń wypłacanych w trakcie pracy, więc niczego nie brakuje."
    )


def test_a_curve_that_the_wage_takes_whole_is_still_told_by_the_step_of_its_month() -> None:
    working = work_out(case(event("start", "2026-03-16", 600000), parameters=SchemeParameters(taper_bp=5000)))
    told = [re.findall("([0-9]+)% z", text) for text in explain(working).months]
    assert working.result.total_gr == 0
    assert told == [
        ["100"], ["100"], ["100"], ["100", "75"], ["75"], ["75"], ["75", "50"], ["50"], ["50"], ["50", "25"], ["25"],
        ["25"], ["25"],
    ]  # fmt: skip


def test_the_explained_json_is_the_result_with_texts() -> None:
    working = work_out(case(event("start", "2026-05-01", 100000)))
    found = explained_json(working)
    plain = result_json(working.result)
    months: object = found["months"]
    assert isinstance(months, list)
    assert [{key: each[key] for key in each if key != "explanation"} for each in months] == plain["months"]
    assert [each["explanation"] for each in months] == list(explain(working).months)
    assert found["summary"] == explain(working).summary
