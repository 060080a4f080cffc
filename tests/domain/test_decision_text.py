"""A decision as it is printed: every ruling in Polish, and in English as a translation that says so."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import Language
from shared.domain.decision_text import Appeal, Ruling, decision_text
from shared.domain.decision_words import WORDS
from shared.domain.reasons import codes_of, reason_in_words
from tests.domain.benefit.builders import spaced

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
APPEAL = Appeal(against=date(2026, 10, 1), lodged_on=date(2026, 10, 16), concluded_on=date(2026, 11, 2))
REASONS = {
    "approved": "conditions_met",
    "refused": "no_budget",
    "kept": "not_at_fault",
    "appealed": "appeal_lodged",
    "upheld": "decision_right",
    "changed": "decision_wrong",
    "withdrawn": "entered_by_mistake",
}
KINDS = tuple(REASONS)
NOTES = ("appealed", "upheld", "withdrawn")


def of_kind(kind: str, **changes: Any) -> Ruling:
    appeal = APPEAL if kind in (*NOTES, "changed") else None
    return replace(RULING, kind=kind, reason_code=REASONS[kind], appeal=appeal, **changes)


def test_both_languages_have_the_same_phrases_with_the_same_facts() -> None:
    assert WORDS["pl"].keys() == WORDS["en"].keys()
    for key, polish in WORDS["pl"].items():
        assert sorted(re.findall(r"{\w+}", polish)) == sorted(re.findall(r"{\w+}", WORDS["en"][key])), key
    assert {language: len(words["months"].split()) for language, words in WORDS.items()} == {"pl": 12, "en": 12}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_ruling_names_who_decided_for_whom_on_which_result(kind: str, language: Language) -> None:
    text = decision_text(of_kind(kind), language)
    for part in ("Urząd pup-2478", "T.1", "2026-10-01", "Anna Przykładowska", "x" * 43):
        assert part in text
    assert reason_in_words(kind, REASONS[kind], language) in text
    assert REASONS[kind] not in text
    assert text.startswith("TRANSLATION. Only the Polish text is binding.") is (language == "en")
    assert ("2026: " in text) is (kind in ("approved", "changed", "kept"))
    assert ("14" in text) is (kind in ("approved", "refused", "kept"))
    assert ("DECYZJA" in text or "DECISION" in text) is ("art. 104" in text) is (kind not in NOTES)
    assert "{" not in text


def test_each_code_says_in_both_languages_why_and_another_system_s_code_is_printed_as_it_is() -> None:
    for kind in KINDS:
        assert REASONS[kind] in codes_of(kind)
        for code in codes_of(kind):
            polish, english = (reason_in_words(kind, code, language) for language in ("pl", "en"))  # type: ignore[arg-type]
            assert len(polish) > 15
            assert len(english) > 15
            assert polish != english
    text = decision_text(replace(of_kind("refused"), reason_code="their_own"))
    assert "Uzasadnienie:\n  Przyczyna podana kodem: their_own." in text


def test_a_refusal_gives_the_conditions_that_are_not_met() -> None:
    unmet = ("ponad 365 dni rejestracji: 288 dni",)
    text = decision_text(replace(of_kind("refused", reasons=unmet), reason_code="conditions_not_met"))
    assert (
        "Uzasadnienie:\n  Nie spełniono warunków wsparcia degresywnego:\n  ponad 365 dni rejestracji: 288 dni" in text
    )


def test_a_lowering_left_undone_gives_the_amounts_of_before_and_what_they_would_have_become() -> None:
    text = spaced(decision_text(of_kind("kept", reasons=(), lowered={"2026-03": (209020, 100000)})))
    for part in (
        "kwotach przyznanych wcześniej, podanych niżej",
        "marzec 2026: 2 090,20 zł (płacą",
        "Razem: 2 090,20 zł",
        "wynikałoby obniżenie:\n    marzec 2026: 1 000,00 zł zamiast 2 090,20 zł",
    ):
        assert part in text, part
    assert "nie da się odtworzyć" not in text


def test_a_note_of_an_appeal_tells_its_days_and_whether_it_was_late() -> None:
    appealed, upheld = decision_text(of_kind("appealed")), decision_text(of_kind("upheld"))
    assert "NOTATKA O WNIESIENIU ODWOŁANIA" in appealed
    assert "wniesienia odwołania: 2026-10-16. Dzień decyzji, od której je wniesiono: 2026-10-01" in appealed
    assert "rozpatrzono dnia 2026-11-02; decyzja pozostaje w mocy" in upheld
    assert "wycofano dnia 2026-11-02" in decision_text(of_kind("withdrawn"))
    changed = decision_text(of_kind("changed"), "en")
    assert "The appeal was decided on 2026-11-02. Day on which it was lodged: 2026-10-16" in changed
    late = replace(of_kind("appealed"), appeal=replace(APPEAL, is_late=True))
    assert "po upływie 14 dni od dnia decyzji" in decision_text(late)
    assert "more than 14 days" in decision_text(late, "en")
    nowhere = replace(of_kind("upheld"), appeal=replace(APPEAL, lodged_on=None))
    assert "wniesienia odwołania: brak w aktach tego urzędu" in decision_text(nowhere)


def test_who_pays_is_named_as_the_directory_names_it() -> None:
    named = replace(RULING, offices={"pup-2478": "Powiatowy Urząd Pracy w Zabrzu"})
    assert "(płacą: Powiatowy Urząd Pracy w Zabrzu 2 090,20 zł)" in spaced(decision_text(named))


def test_amounts_shares_and_reasons_stand_in_the_language_of_the_text() -> None:
    assert "  marzec 2026: 2 090,20 zł (płacą: pup-2478 2 090,20 zł)\n  Razem: 2 090,20 zł" in spaced(
        decision_text(RULING)
    )
    english = spaced(decision_text(RULING, "en"))
    assert "  March 2026: 2,090.20 zł (paid by: pup-2478 2,090.20 zł)\n  In all: 2,090.20 zł" in english
    silent = replace(RULING, reasons=())
    assert "Uzasadnienia kwot nie da się odtworzyć" in decision_text(silent)
    assert "cannot be made from this office's records" in decision_text(silent, "en")


def test_whether_it_was_taken_to_be_income_is_said_either_way() -> None:
    income = replace(RULING, settings=replace(RULING.settings, counts_as_income=True))
    assert "wsparcie nie jest dochodem" in decision_text(RULING)
    assert "wsparcie jest dochodem" in decision_text(income)
    assert "taken to be income" in decision_text(income, "en")
