"""The catalogue of forms of support, against facts written down here a second time, by hand."""

import csv
import hashlib
from datetime import date, timedelta
from importlib.resources import files
from typing import get_args

import pytest

from shared.domain.catalogue import (
    MASKED_CASH,
    CodeOutOfDates,
    Disclosure,
    Effect,
    Form,
    UnknownCode,
    form,
    forms,
    wire_owners,
)
from shared.domain.events.fields import name
from shared.domain.institutions import KINDS

OWNERS = {
    "PUP": "pup",
    "both": "ops pup",
    "OPS": "ops pcpr",
    "OPS (PCPR)": "ops pcpr",
    "gmina": "ops",
    "NGO": "ngo ops",
    "NGO/gmina": "ngo ops",
    "ZUS": "",
    "court": "",
}
FACTS = """
PUP-REJ PUP    base         none    kind
PUP-POS PUP    vocational   none    kind    placement
PUP-POR PUP    vocational   none    kind    career guidance
PUP-IPD PUP    tool         none    kind    individual plan
PUP-SZK PUP    educational  lost:0  kind    training
PUP-BKU PUP    educational  one_off kind    training
PUP-PEX PUP    educational  one_off kind?   exam or study funding
PUP-POZ PUP    educational  one_off kind    exam or study funding
PUP-STA PUP    vocational   lost:0  kind    traineeship
PUP-PZD PUP    vocational   lost:0  kind    traineeship
PUP-PIN PUP    vocational   is_job  kind    subsidised job
PUP-RPU PUP    vocational   is_job  kind    subsidised job
PUP-PSU both   vocational   lost:0  kind    socially useful works
PUP-DWY PUP    vocational   is_job  kind    subsidised job
PUP-DOP PUP    vocational   is_job  kind
PUP-DOT PUP    vocational   one_off kind    start-up grant
PUP-SPS both   vocational   one_off kind?   start-up grant
PUP-BZA PUP    vocational   one_off kind
PUP-DOJ PUP    accompanying none    kind    travel refund
PUP-OPI PUP    accompanying none    kind?   care refund
PUP-GTE PUP    vocational   is_job  kind?
PUP-INT both   social       lost:0  kind    social integration
PUP-PAI both   social       lost:0  kind    social integration
PUP-ZDA PUP    vocational   none    kind?   placement
PUP-ZAS PUP    cash         lost:0  kind
PUP-DAK PUP    cash         gained  kind
PUP-UZD PUP    cash-like    none    kind?
OPS-WYW OPS    base         none    nothing?
OPS-PSO OPS    social       none    group
OPS-KSA OPS    tool         none    kind    individual plan
OPS-KSB both   tool         none    kind    individual plan
OPS-PAL OPS    tool         none    kind
OPS-PIZ PCPR   tool         none    nothing
OPS-IPB OPS    tool         none    nothing
OPS-IPI PCPR   tool         none    nothing
OPS-IPU PCPR   tool         none    nothing
OPS-ZST OPS    cash         lost:0  cash
OPS-ZOK OPS    cash         bridge:2 kind
OPS-ZCE OPS    cash         one_off kind
OPS-SZC OPS    cash         one_off cash
OPS-ZEU OPS    cash         one_off kind    start-up grant
OPS-POS OPS    in_kind      lost:0  cash?   meals
OPS-SCH OPS    in_kind      none    nothing
OPS-UOP OPS    in_kind      none    nothing
OPS-SZD OPS    cash-like    none    kind
OPS-KRY OPS    social       none    nothing
OPS-PSP OPS    social       none    nothing
OPS-ASR OPS    social       none    group?  family assistant
OPS-ARO gmina  cash         shrinks cash
OPS-800 ZUS    cash         none    nothing
OPS-DMI gmina  cash         shrinks cash
OPS-FAL gmina  cash         shrinks cash
AI-Z01  NGO    vocational   lost:0  kind    social employment
AI-Z02  NGO    vocational   none    kind    social employment
AI-Z03  OPS    vocational   none    kind    traineeship
AI-Z04  both   vocational   none    kind    job coach
AI-Z05  NGO    vocational   none    nothing
AI-Z06  NGO    vocational   none    kind    start-up grant
AI-Z07  OPS    vocational   none    kind?   career guidance
AI-E01  OPS    educational  none    kind?   training
AI-E02  OPS    educational  none    kind?   school education
AI-E03  OPS    educational  none    kind?   exam or study funding
AI-E04  both   educational  none    kind    job-search training
AI-H01  OPS    health       none    nothing?
AI-H02  OPS    health       none    nothing?
AI-H03  OPS    health       none    nothing?
AI-H04  PCPR   health       none    nothing?
AI-S01  OPS    social       none    group?  social skills
AI-S02  OPS    social       none    nothing
AI-S03  OPS    social       none    nothing
AI-S04  NGO    social       none    group
AI-S05  NGO    social       none    nothing
AI-S06  NGO    social       none    group?
AI-T01  OPS    accompanying none    group   care refund
AI-T02  both   accompanying none    kind    travel refund
NGO-STR NGO    social       none    nothing
NGO-MEN NGO    social       none    group   job coach
NGO-DLU NGO    social       none    nothing
BRK-DEG PUP    cash         gained  kind
MIE-POR gmina  social       none    nothing?
MIE-ZAM gmina  social       none    nothing?
MIE-KOM gmina  social       none    nothing?
MIE-SOC gmina  social       none    nothing?
MIE-EKS gmina  social       none    nothing?
MIE-UMO gmina  tool         none    nothing?
WYS-PRO court  social       none    nothing?
WYS-RES court  social       none    nothing?
WYS-KOR PCPR   social       none    nothing?
PEN-POM NGO    social       none    nothing?
PEN-PRZ NGO    social       none    nothing?
PEN-ADM NGO    social       none    nothing?
AI-K01  NGO    tool         none    nothing?
AI-K02  OPS    tool         none    kind?
AI-K03  OPS    tool         none    kind?
AI-K04  OPS    tool         none    nothing?
AI-Z08  NGO    vocational   is_job  kind?   subsidised job
AI-Z09  both   vocational   none    kind?   job coach
AI-Z10  NGO    vocational   none    kind?
AI-Z11  NGO    vocational   none    kind?   training
AI-Z12  NGO    vocational   none    nothing?
AI-Z13  PUP    vocational   is_job  nothing? subsidised job
AI-T03  both   accompanying none    kind?
AI-T04  both   accompanying none    kind?
AI-T05  both   accompanying one_off kind?
AI-T06  NGO    accompanying none    nothing?
"""
"""Code, owner, group, effect and months kept, how it leaves (``?``: no source names the row), duplicate class."""

KINDS_OF = {"PUP": "pup", "both": "pup ops", "OPS": "ops pcpr", "PCPR": "pcpr ops", "gmina": "ops", "NGO": "ngo ops"}
ROWS = {line.split()[0]: line for line in FACTS.strip().splitlines()}
TEXTS_SHA256 = "dffe824d1ece5aaad9192457918b75aab6659aeafb9aba93ea412afe53a34a33"
"""Over codes, names, spheres, types, steps and unit fields: who changes a word here says so."""


@pytest.mark.parametrize("code", list(ROWS))
def test_a_row_is_as_it_was_written_down(code: str) -> None:
    owner, group, effect, leaves, *classes = ROWS[code].split()[1:]
    row = forms()[code]
    assert row.owners == frozenset(KINDS_OF.get(owner, "").split())
    assert row.group == group.replace("_", " ")
    assert (row.effect, row.kept_months) == _effect(effect)
    assert (row.discloses, row.verified) == (leaves.rstrip("?"), not leaves.endswith("?"))
    assert row.duplicate_class == " ".join(classes)


def test_the_catalogue_has_these_codes_and_no_others_in_this_order() -> None:
    assert list(forms()) == list(ROWS)
    assert all(row.code == code for code, row in forms().items())


def test_the_words_of_the_catalogue_are_unchanged() -> None:
    words = "\n".join(
        ";".join((row.code, row.name_pl, row.name_en, row.sphere, row.instrument_type, row.step, row.unit_fields))
        for row in forms().values()
    )
    assert hashlib.sha256(words.encode()).hexdigest() == TEXTS_SHA256


def test_three_codes_have_dates_and_all_others_hold_always() -> None:
    dated = {code: (row.valid_from, row.valid_to) for code, row in forms().items() if row.valid_from or row.valid_to}
    assert dated == {
        "PUP-PZD": (None, date(2025, 5, 31)),
        "PUP-INT": (date(2025, 6, 1), None),
        "PUP-PAI": (date(2014, 5, 27), date(2025, 5, 31)),
    }


@pytest.mark.parametrize("row", forms().values(), ids=lambda row: row.code)
def test_every_row_is_well_formed(row: Form) -> None:
    assert row.name_pl.strip() == row.name_pl != ""
    assert row.name_en.strip() == row.name_en != ""
    assert row.owners <= set(KINDS)
    assert row.effect in get_args(Effect)
    assert row.discloses in get_args(Disclosure)
    assert (row.kept_months is not None) == (row.effect in ("lost", "bridge"))
    assert row.kept_months is None or 0 <= row.kept_months <= 12
    assert row.valid_from is None or row.valid_to is None or row.valid_from <= row.valid_to
    assert name(row.code) == row.code


@pytest.mark.parametrize("row", forms().values(), ids=lambda row: row.code)
def test_what_leaves_the_office_leaves_under_a_code_that_says_no_more_than_allowed(row: Form) -> None:
    expected = {"kind": row.code, "group": f"{row.group}-X", "cash": MASKED_CASH, "nothing": None}
    assert row.disclosed_code == expected[row.discloses]
    if row.disclosed_code is not None:
        assert name(row.disclosed_code) == row.disclosed_code
        assert row.owners <= wire_owners()[row.disclosed_code]
    if row.discloses != "kind":
        assert row.code not in wire_owners()


def test_health_help_in_crisis_and_homelessness_never_leave_the_office() -> None:
    silent = {code for code, row in forms().items() if row.disclosed_code is None}
    assert {"AI-H01", "AI-H02", "AI-H03", "AI-H04", "OPS-KRY", "OPS-IPB", "NGO-STR", "NGO-DLU", "AI-Z05"} <= silent
    assert {code for code, row in forms().items() if row.group == "health"} <= silent


def test_masked_codes_are_the_welfare_sides_alone_and_no_rows_of_the_catalogue() -> None:
    masked = {code: owners for code, owners in wire_owners().items() if code not in forms()}
    assert masked == dict.fromkeys((MASKED_CASH, "social-X", "accompanying-X"), frozenset({"ops", "pcpr", "ngo"}))
    for code in masked:
        with pytest.raises(UnknownCode):
            form(code)


def test_on_the_wire_each_code_belongs_to_the_owners_of_its_row() -> None:
    for code, owners in wire_owners().items():
        if code in forms():
            assert owners == forms()[code].owners != frozenset()
    assert "OPS-800" not in wire_owners()


def test_only_money_that_can_be_paid_monthly_is_a_monthly_benefit() -> None:
    monthly = {code for code, row in forms().items() if row.is_monthly_benefit}
    assert monthly == set(
        "PUP-SZK PUP-STA PUP-PZD PUP-PSU PUP-INT PUP-PAI PUP-ZAS PUP-DAK PUP-UZD OPS-ZST OPS-ZOK OPS-POS OPS-SCH "
        "OPS-UOP OPS-SZD OPS-ARO OPS-800 OPS-DMI OPS-FAL AI-Z01".split()
    )


@pytest.mark.parametrize("code", ["PUP-PZD", "PUP-INT", "PUP-PAI"])
def test_a_code_holds_from_its_first_to_its_last_day_and_not_a_day_longer(code: str) -> None:
    row, day = form(code), timedelta(days=1)
    for inside in (row.valid_from, row.valid_to):
        if inside is not None:
            row.require_in_force(inside)
    outside = [row.valid_from - day] if row.valid_from else []
    outside += [row.valid_to + day] if row.valid_to else []
    for other in outside:
        with pytest.raises(CodeOutOfDates) as refused:
            row.require_in_force(other, field="from")
        assert (refused.value.field, refused.value.problem) == ("from", "code-out-of-dates")
        assert refused.value.received == other.isoformat()


def test_a_code_without_dates_holds_on_every_day() -> None:
    for day in (date.min, date(2026, 1, 1), date.max):
        form("PUP-STA").require_in_force(day)


@pytest.mark.parametrize("code", ["", "PUP-XXX", "pup-sta", "PUP-STA ", "OPS-CASH", "social-X"])
def test_a_code_that_is_no_row_is_unknown_and_the_field_named(code: str) -> None:
    with pytest.raises(UnknownCode) as refused:
        form(code, field="support.code")
    assert (refused.value.field, refused.value.problem) == ("support.code", "code-unknown")


def test_the_file_has_one_row_a_code_and_known_owners_alone() -> None:
    lines = files("shared.domain.catalogue").joinpath("forms.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter=";"))
    assert len(rows) == len(forms()) == 105
    assert {row["owner"] for row in rows} == OWNERS.keys()
    for row in rows:
        assert sorted(forms()[row["code"]].owners) == OWNERS[row["owner"]].split()
        assert row["status"] in ("found", "unverified")
        assert None not in row.values()


def test_nobody_can_change_the_catalogue_while_it_runs() -> None:
    with pytest.raises(TypeError):
        forms()["X"] = form("PUP-STA")  # type: ignore[index]
    with pytest.raises(TypeError):
        wire_owners()["X"] = frozenset()  # type: ignore[index]
    with pytest.raises(AttributeError):
        form("PUP-STA").effect = "none"  # type: ignore[misc]


def _effect(text: str) -> tuple[str, int | None]:
    effect, _, kept = text.partition(":")
    return effect, int(kept) if kept else None


def test_money_is_paid_to_a_household_or_to_a_person_and_no_source_confirms_which() -> None:
    at_home = {code for code, row in forms().items() if row.paid_to == "household"}
    assert at_home == {"OPS-ZOK", "OPS-ARO", "OPS-DMI"}
    for row in forms().values():
        assert (row.paid_to is not None) == row.is_monthly_benefit, row.code
        assert not row.paid_to_verified
