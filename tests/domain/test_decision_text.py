"""A decision as it is printed: every ruling in Polish, and in English as a translation that says so."""

import re
from dataclasses import replace
from datetime import date

import pytest

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import Language
from shared.domain.decision_text import Ruling, decision_text
from shared.domain.decision_words import WORDS

RULING = Ruling(
    kind="approved",
    authority="Urząd pup-2478",
    case_number="T.1",
    person="Anna Przykładowska",
    decided_on=date(2026, 10, 1),
    reason_code="conditions_met",
    months=[
        {"month": "2026-03", "amount_gr": 209020, "codes": "K", "shares_gr": {"ops-2478011": 0, "pup-2478": 209020}}
    ],
    total_gr=209020,
    reasons=("Powód.",),
    beside={"2026-03": "Dochód."},
    result_hash="x" * 43,
    settings=case_settings(on=date(2026, 10, 1)),
)
KINDS = ("approved", "refused", "kept", "appealed", "upheld", "changed")


def test_both_languages_have_the_same_phrases_with_the_same_facts() -> None:
    assert WORDS["pl"].keys() == WORDS["en"].keys()
    for key, polish in WORDS["pl"].items():
        assert sorted(re.findall(r"{\w+}", polish)) == sorted(re.findall(r"{\w+}", WORDS["en"][key])), key
    assert {language: len(words["months"].split()) for language, words in WORDS.items()} == {"pl": 12, "en": 12}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_ruling_names_who_decided_for_whom_on_which_result(kind: str, language: Language) -> None:
    text = decision_text(replace(RULING, kind=kind), language)
    for part in ("Urząd pup-2478", "T.1", "2026-10-01", "Anna Przykładowska", "conditions_met", "x" * 43):
        assert part in text
    assert text.startswith("TRANSLATION. Only the Polish text of this decision is binding.") is (language == "en")
    assert ("2026: " in text) is (kind in ("approved", "changed"))
    assert ("14" in text) is (kind in ("approved", "refused", "kept"))
    assert "{" not in text


def test_amounts_shares_and_reasons_stand_in_the_language_of_the_text() -> None:
    assert "  marzec 2026: 2 090,20 zł (płacą: pup-2478 2 090,20 zł)\n  Razem: 2 090,20 zł" in decision_text(RULING)
    english = decision_text(RULING, "en")
    assert "  March 2026: 2,090.20 zł (paid by: pup-2478 2,090.20 zł)\n  In all: 2,090.20 zł" in english
    silent = replace(RULING, reasons=())
    assert "Uzasadnienia kwot nie da się odtworzyć" in decision_text(silent)
    assert "cannot be made from this office's records" in decision_text(silent, "en")


def test_whether_it_was_taken_to_be_income_is_said_either_way() -> None:
    income = replace(RULING, settings=replace(RULING.settings, counts_as_income=True))
    assert "wsparcie nie jest dochodem" in decision_text(RULING)
    assert "wsparcie jest dochodem" in decision_text(income)
    assert "taken to be income" in decision_text(income, "en")
