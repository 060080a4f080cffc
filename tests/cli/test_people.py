"""The pilot's synthetic input: who is in it, what the offices have on them, and that every API would take it."""

import ast
import csv
import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.cli.demo import people as package
from services.cli.demo.people.csv_file import people_csv
from services.cli.demo.people.days import FIRST_DAY, FIRST_START, LAST_DAY, LAST_START
from services.cli.demo.people.home import age
from services.cli.demo.people.institutions import counties, institutions
from services.cli.demo.people.names import _MEN, _WOMEN
from services.cli.demo.people.parts import PARENT, with_parts
from services.cli.demo.people.people import Person, Planned, make_people
from services.cli.demo.people.seats import AGE_BANDS, LATE_OFFICE, TooFewPeople
from shared.domain import catalogue
from shared.domain.benefit.eligibility import DAYS_NEEDED, NOT_COUNTED, counted_days
from shared.domain.benefit.law import law_value
from shared.domain.benefit.net_wage import net_wage
from shared.domain.institutions import kind_of
from shared.domain.labour_amounts import possible_amounts
from shared.domain.period import Period
from shared.domain.pesel import MalformedPesel, Pesel, holds_a_pesel
from shared.institution.models.clients import NewClient
from shared.institution.models.employments import EmploymentEnd, NewEmployment, WageChange
from tests.cli.telling import assembled, assessed, kind_at

SIZES = [12, 60, 90, 900, 1000]
AGE_DAY, REFERENCE_DAY = date(2026, 9, 1), date(2026, 3, 1)
SOME_ID = "0198c6a0-0000-7000-8000-000000000000"
GOLDEN = "0c7526021fe7905cc3c66fec59ad66920ac2868a3fd178116618e5941994a0fb"

made = cache(lambda people, seed=1: make_people(people=people, seed=seed))


def arm(name: str, people: int = 900) -> list[Person]:
    return [person for person in made(people) if person.arm == name]


def in_study(people: int = 900) -> list[Person]:
    return [person for person in made(people) if person.arm]


def expected(name: str, people: int = 900) -> list[Person]:
    return [person for person in made(people) if person.expected == name]


def records(some: Iterable[Person]) -> Iterator[tuple[str, Planned]]:
    return ((office, one) for person in some for office, planned in person.records.items() for one in planned)


def canonical(some: Iterable[Person]) -> bytes:
    text = json.dumps([asdict(person) for person in some], default=str, sort_keys=True, ensure_ascii=False)
    return text.encode()


def day(body: dict[str, Any], name: str = "from") -> date:
    return date.fromisoformat(body[name])


def start_of(person: Person) -> date:
    return day(person.job.start, "effective") if person.job else REFERENCE_DAY


def periods(person: Person, path: str, codes: Iterable[str] = ()) -> list[Period]:
    bodies = [one.body for one in person.records[str(person.pup)] if one.path == path]
    wanted = [body for body in bodies if not codes or body["code"] in codes]
    return [Period(day(body), day(body, "until") if "until" in body else None) for body in wanted]


def test_one_seed_makes_byte_identical_people_everywhere():
    assert hashlib.sha256(canonical(make_people(people=60, seed=1))).hexdigest() == GOLDEN


def test_another_seed_makes_other_people():
    other = made(60, 2)
    assert {person.pesel for person in other}.isdisjoint(person.pesel for person in made(60))
    assert len(other) == len(made(60))


def test_the_generator_stands_on_the_standard_library_and_the_domain_alone():
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("services", "shared")):
                assert str(node.module).startswith(("services.cli.demo.people", "shared.domain"))


@pytest.mark.parametrize("people", SIZES)
def test_people_stand_in_the_proportions_of_the_pilot(people: int):
    pairs = people // 6
    assert len(arm("recipient", people)) == len(arm("comparison", people)) == pairs
    assert len(expected("joint", people)) == 2 * pairs
    assert len(expected("one_office", people)) == people - 2 * pairs
    extra = Counter(person.expected for person in made(people))
    assert (extra["typo"], extra["refused"], extra["confirmed"]) == (2, 1, 1)
    assert len(made(people)) == people + 4


def test_the_pilot_has_fifty_and_fifty_a_county():
    found = Counter((person.county, person.arm) for person in in_study())
    assert set(found.values()) == {50}
    assert len(found) == 6


@pytest.mark.parametrize("people", SIZES)
def test_counties_share_equally_and_the_rural_one_is_never_empty(people: int):
    found = Counter(person.county for person in arm("recipient", people))
    assert max(found.values()) - min(found.values()) <= 1
    assert found["1611"] >= 1
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("people", SIZES)
def test_at_least_half_of_each_arm_and_county_inherit_unemployment(people: int):
    for key in {(person.county, person.arm) for person in in_study(people)}:
        inherited = [person.inherited for person in in_study(people) if (person.county, person.arm) == key]
        assert 2 * sum(inherited) >= len(inherited)


@pytest.mark.parametrize("people", SIZES)
def test_the_arms_have_one_structure(people: int):
    def structure(name: str) -> Counter[object]:
        return Counter(
            (person.county, person.pup, person.ops[0], person.inherited, is_woman(person), band(person))
            for person in arm(name, people)
        )

    assert structure("recipient") == structure("comparison")


def is_woman(person: Person) -> bool:
    return int(person.pesel[9]) % 2 == 0


def band(person: Person) -> tuple[int, int]:
    years = age(born=person.birth_date, on=AGE_DAY)
    return next((low, high) for low, high in AGE_BANDS if low <= years <= high)


@pytest.mark.parametrize("people", [12, 13, 17, 18, 29, 30, 35, 36, 60, 900])
def test_each_special_role_has_one_person_of_the_study(people: int):
    roles = {person.role: person for person in made(people) if person.role}
    assert Counter(person.role for person in made(people) if person.role) == dict.fromkeys(roles, 1)
    assert set(roles) == {"two_ops", "late_ops", "comes_back"}
    assert all(person.arm for person in roles.values())
    two, late = roles["two_ops"], roles["late_ops"]
    assert (two.pup, len(two.ops)) == ("pup-1611", 2)
    assert set(two.ops) <= set(counties()[-1].ops)
    assert set(two.records) == {"pup-1611", *two.ops}
    assert (late.arm, late.ops) == ("recipient", (LATE_OFFICE,))


def test_the_special_roles_fall_to_recipients_with_plain_jobs_where_there_are_enough():
    roles = {person.role: person for person in made(36) if person.role}
    assert {person.arm for person in roles.values()} == {"recipient"}
    assert all(roles[role].job and not roles[role].job.news for role in ("late_ops", "comes_back"))


@pytest.mark.parametrize("people", [60, 90, 900])
def test_every_welfare_centre_of_the_rural_county_has_clients(people: int):
    offices = {office for person in made(people) for office in person.offices}
    assert offices == {one.id for one in institutions()}


def test_the_wrong_matches_are_as_the_issue_says():
    (refused,), (confirmed,) = expected("refused"), expected("confirmed")
    assert (refused.pup, refused.ops) == ("pup-2476", ("ops-2476011",))
    assert refused.surname_at["ops-2476011"] != refused.surname
    assert refused.client_body("pup-2476")["pesel"] == refused.client_body("ops-2476011")["pesel"]
    assert refused.client_body("pup-2476")["surname"] == refused.surname
    assert (confirmed.pup, confirmed.ops, dict(confirmed.surname_at)) == ("pup-2478", ("ops-2476011",), {})
    assert all(len(confirmed.records[office]) >= 7 for office in confirmed.offices)


def test_the_institutions_are_the_twelve_of_the_pilot():
    assert Counter(kind_of(one.id) for one in institutions()) == {"pup": 3, "ops": 9}
    assert [len(county.ops) for county in counties()] == [1, 1, 7]
    assert {one.verified for one in institutions()} == {True, False}
    rural = next(one for one in institutions() if one.id == "pup-1611")
    assert rural.area == tuple(sorted(one.terc for one in institutions() if one.id in counties()[-1].ops))


@pytest.mark.parametrize("people", SIZES)
def test_no_two_people_share_a_pesel(people: int):
    pesels = [person.pesel for person in made(people)]
    assert len(set(pesels)) == len(pesels)
    assert len({pesel[:10] for pesel in pesels}) == len(pesels)


def test_every_pesel_is_synthetic_and_agrees_with_the_birth_but_for_two_typos():
    for person in made(900):
        if person.expected == "typo":
            with pytest.raises(MalformedPesel, match="check digit"):
                Pesel(person.pesel)
            assert not person.records
        else:
            pesel = Pesel(person.pesel)
            assert pesel.is_synthetic()
            assert pesel.birth_date(synthetic=True) == person.birth_date
        assert 19 <= age(born=person.birth_date, on=AGE_DAY) <= 62


def test_given_names_agree_with_the_sex():
    assert all(name.endswith("a") for name in _WOMEN)
    assert not any(name.endswith("a") for name in _MEN)
    for person in made(900):
        names = person.given_names.split()
        assert set(names) <= set(_WOMEN if is_woman(person) else _MEN)
        assert len(set(names)) == len(names)


def test_every_part_of_a_surname_has_nine_letters_and_agrees_with_the_sex():
    surnames = [(name, is_woman(p)) for p in made(900) for name in (p.surname, *p.surname_at.values())]
    assert all(unicodedata.is_normalized("NFC", name) for name, _ in surnames)
    for part, woman in [(part, woman) for name, woman in surnames for part in name.split("-")]:
        assert len(part) >= 9
        assert part.isalpha()
        assert part.istitle()
        assert not part.endswith(("ki", "cki") if woman else ("ka", "cka"))
    assert any("-" in name for name, _ in surnames)
    assert any(not name.isascii() for name, _ in surnames)


@pytest.mark.parametrize("people", SIZES)
def test_some_people_share_a_surname(people: int):
    found = Counter(person.surname[:-1] for person in made(people))
    assert max(found.values()) >= 2


@pytest.mark.parametrize("people", [60, 900])
def test_every_api_takes_every_body(people: int):
    for person in made(people):
        for office in person.offices if person.expected != "typo" else ():
            body = person.client_body(office)
            assert NewClient.model_validate(body).model_dump() == body
        if person.job:
            NewEmployment.model_validate(person.job.start)
            for news in person.job.news:
                {"end": EmploymentEnd, "wage-changes": WageChange}[news.path].model_validate(news.body)
    for office, one in records(made(people)):
        kind_at(office, one).create.model_validate(one.body)
        assert json.loads(json.dumps(one.body)) == one.body


def test_contracts_have_their_goals_and_plans_their_steps_as_the_api_takes_them():
    found: Counter[str] = Counter()
    for person in made(900):
        for office, planned in person.records.items():
            for whole, parts in with_parts(planned):
                kind = kind_at(office, whole)
                over = kind.ends_with is not None and kind.ends_with in whole.body
                kind.create.model_validate(whole.body)
                found.update([whole.path, *(one.path for one in parts)])
                for one in parts:
                    part = kind_at(office, one)
                    assert part.parent is kind
                    assert part.parent_id == PARENT[one.path]
                    part.create.model_validate(one.body | {PARENT[one.path]: SOME_ID})
                    assert not over or "result" in one.body
                assert len(parts) == whole.body.get("goals", len(parts))
    assert min(found[path] for path in ("action-plans", "action-plan-steps", "contract-goals")) > 250


def test_an_api_refuses_the_typos():
    for person in expected("typo"):
        with pytest.raises(ValidationError, match="PESEL"):
            NewClient.model_validate(person.client_body(person.offices[0]))


def test_case_numbers_are_unique_at_an_office_and_no_body_holds_another_pesel():
    for one in institutions():
        numbers = [person.client_body(one.id)["case_number"] for person in made(900) if one.id in person.offices]
        assert len(set(numbers)) == len(numbers)
    assert not any(holds_a_pesel(json.dumps(one.body)) for _, one in records(made(900)))


def test_codes_are_the_office_s_own_and_in_force_on_both_days():
    for office, one in records(made(900)):
        if "code" in one.body:
            form = catalogue.form(one.body["code"])
            assert kind_of(office) in form.owners
            for name in {"from", "until"} & set(one.body):
                form.require_in_force(day(one.body, name))


def test_histories_lie_within_their_24_months_but_for_supplements_that_run_on_beside_the_job():
    for _, one in records(made(900)):
        assert FIRST_DAY <= day(one.body) <= LAST_DAY
        if "until" in one.body and one.body.get("code") != "PUP-DAK":
            assert day(one.body) <= day(one.body, "until") <= LAST_DAY
    assert min(day(one.body) for _, one in records(made(900))) < date(2024, 9, 15)


def test_nobody_has_two_open_records_where_the_api_allows_one():
    for person in made(900):
        for office, planned in person.records.items():
            paths = Counter(one.path for one in planned)
            assert all(paths[one.path] == 1 for one in planned if kind_at(office, one).single)
            assert paths["households"] == (kind_of(office) == "ops")
            assert paths["programme-memberships"] == (kind_of(office) == "pup" and bool(person.arm))


def test_what_a_labour_office_pays_differs_nowhere_from_the_figures_of_law():
    paid = [one.body for office, one in records(made(900)) if office.startswith("pup") and one.path == "benefits"]
    found = [possible_amounts(body["code"], day(body)) for body in paid]
    assert len(found) > 700
    assert not any(one is None or one.differs(body["monthly_net_gr"]) for one, body in zip(found, paid, strict=True))


def test_registrations_and_payments_of_a_labour_office_never_overlap():
    for person in in_study():
        paid = {one.body["code"] for one in person.records[str(person.pup)] if one.path == "benefits"} - {"PUP-DAK"}
        for each in (periods(person, "registrations"), periods(person, "benefits", paid)):
            ordered = sorted(each, key=lambda period: period.start)
            for before, after in pairwise(ordered):
                assert before.end is not None
                assert before.end < after.start


def test_people_of_the_study_have_memberships_as_they_are():
    for person in in_study():
        (body,) = [one.body for one in person.records[str(person.pup)] if one.path == "programme-memberships"]
        assert (body["arm"], body["county"], body["inherited"]) == (person.arm, person.county, person.inherited)
        assert day(body) <= FIRST_START


def test_joint_people_have_about_8_to_14_records_an_office_and_others_2_to_8():
    for person in in_study():
        assert all(8 <= len(planned) <= 20 for planned in person.records.values())
    counts = sorted(len(planned) for person in in_study() for planned in person.records.values())
    assert counts[len(counts) * 9 // 10] <= 15
    assert all(2 <= len(planned) <= 8 for p in expected("one_office") for planned in p.records.values())
    at_pup = sum(person.pup is not None for person in expected("one_office"))
    assert at_pup == len(expected("one_office")) // 2
    assert all(len(person.offices) == 1 for person in expected("one_office"))


@pytest.mark.parametrize(("people", "seed"), [(900, 1), (90, 2), (90, 3)])
def test_everybody_in_the_study_is_long_term_unemployed_without_placements(people: int, seed: int):
    for person in [person for person in made(people, seed) if person.arm]:
        registered, placements = periods(person, "registrations"), periods(person, "support-forms", NOT_COUNTED)
        assert counted_days(start=start_of(person), registered=registered, placements=placements) > DAYS_NEEDED
    assert any(periods(person, "support-forms", ["PUP-STA"]) for person in arm("recipient"))
    assert any(periods(person, "support-forms", ["PUP-PZD"]) for person in arm("recipient"))
    assert any(len(periods(person, "registrations")) > 1 for person in arm("recipient"))


def test_the_registration_ends_the_day_before_the_job():
    for person in in_study():
        last = max((one.body for one in person.records[str(person.pup)] if one.path == "registrations"), key=day)
        if person.job:
            assert day(last, "until") == start_of(person) - timedelta(days=1)
            assert last["reason"] == "job_taken"
        else:
            assert "until" not in last


def test_all_recipients_take_jobs_on_different_days_and_some_in_comparison_do():
    starts = [start_of(person) for person in arm("recipient") if person.job]
    assert len(set(starts)) == len(starts) == 150
    assert min(starts) >= FIRST_START
    assert max(starts) <= LAST_START
    assert any(start.day == 1 for start in starts)
    at_work = [person for person in arm("comparison") if person.job]
    assert len(at_work) == 60
    assert not any(person.job for person in made(900) if not person.arm)
    assert not any(news.late for person in at_work if person.job for news in person.job.news)


def test_wages_lie_between_half_and_1_6_of_the_minimum_and_their_net_is_the_law_s():
    bodies = [(p.job.start, [news.body for news in p.job.news]) for p in in_study() if p.job]
    for body in [body for start, news in bodies for body in (start, *news) if "net_gr" in body]:
        on = day(body, "effective")
        least = law_value(param="MIN_WAGE", on=on).grosze()
        assert least * body["working_time_bp"] <= body["gross_gr"] * 10_000
        assert body["gross_gr"] <= least * 177 // 100
        assert body["net_gr"] == net_wage(body["gross_gr"], on=on).net_gr
    starts = [start for start, _ in bodies]
    assert min(body["gross_gr"] for body in starts) == 240300
    assert max(body["gross_gr"] for body in starts) == 480600 * 16 // 10


def test_about_a_quarter_lose_the_job_some_change_wages_and_a_fifth_report_late():
    news = [one for person in arm("recipient") if person.job for one in person.job.news]
    kinds = Counter((one.path, one.late) for one in news)
    assert 30 <= kinds["end", False] + kinds["end", True] <= 48
    assert 20 <= kinds["wage-changes", False] + kinds["wage-changes", True] <= 45
    late = [p for p in arm("recipient") if p.job and any(one.late for one in p.job.news)]
    assert 27 <= len(late) <= 33
    assert 4 <= sum(len(person.job.news) == 2 for person in late if person.job) <= 8, "taken up again after a break"
    assert all(kinds[path, late] >= 5 for path in ("end", "wage-changes") for late in (False, True))
    for person in [person for person in in_study() if person.job]:
        for one in person.job.news if person.job else ():
            name = "last_day" if one.path == "end" else "effective"
            assert start_of(person) + timedelta(days=20) <= day(one.body, name) <= LAST_DAY


@pytest.mark.parametrize(("people", "seed"), [(900, 1), (60, 1), (90, 2), (90, 3)])
def test_late_news_changes_what_was_decided(people: int, seed: int):
    late = [p for p in made(people, seed) if p.job and any(news.late for news in p.job.news)]
    assert late
    for person in late:
        assert assessed(person).months != assessed(person, late=False).months


@pytest.mark.parametrize(("people", "seed"), [(900, 1), (60, 1), (12, 1), (90, 2)])
def test_every_recipient_has_a_case_for_which_all_offices_pay(people: int, seed: int):
    for person in [person for person in made(people, seed) if person.arm == "recipient"]:
        found = assembled(person)
        assert found.case is not None
        assert not found.discrepancies
        lost = {one.owner for one in found.case.benefits if not one.gained and one.kept_months is not None}
        assert lost == set(person.offices)
        result = assessed(person)
        assert result.total_gr > 0
        assert set(dict(result.months[0].shares_gr)) == set(person.offices)


def test_the_late_one_s_case_stands_on_the_labour_office_alone_until_the_centre_tells():
    (late,) = [person for person in made(60) if person.role == "late_ops"]
    assert late.job is not None
    known = {str(late.pup): late.records[str(late.pup)]}
    alone = Person(**{name: getattr(late, name) for name in Person.__dataclass_fields__} | {"records": known})
    assert assembled(alone).case is not None
    assert assessed(alone).total_gr != assessed(late).total_gr


def test_schedules_are_of_every_kind():
    cases = [(assembled(person).case, assessed(person)) for person in arm("recipient")]
    codes = {code for _, result in cases for month in result.months for code in month.codes}
    assert codes == {"G", "K", "P"}  # what they keep ends with its record, so that something is missing to the end
    assert any(result.gap_gr for _, result in cases)
    assert any(one.gained for case, _ in cases if case for one in case.benefits)
    assert any(one.kept_months == 2 and not one.gained for case, _ in cases if case for one in case.benefits)
    assert any(one.kept_months is None for case, _ in cases if case for one in case.benefits)


def test_stipends_and_unemployment_benefit_are_those_of_their_days():
    params = {"PUP-STA": "STIPEND_STAZ", "PUP-SZK": "STIPEND_TRAINING", "PUP-INT": "STIPEND_INTEGRATION"}
    levels = ("UB_LEVEL_STD", "UB_LEVEL_LONG")
    found: Counter[str] = Counter()
    for _, one in records(made(900)):
        code = one.body.get("code")
        if one.path != "benefits" or code not in {*params, "PUP-ZAS", "PUP-PSU"}:
            continue
        found[code] += 1
        for on in (day(one.body), day(one.body, "until")):
            if code == "PUP-PSU":
                assert one.body["monthly_net_gr"] == 40 * law_value(param="PSU_HOURLY_MIN", on=on).grosze()
            elif code == "PUP-ZAS":
                bases = [law_value(param=base, on=on).grosze() for base in ("UB_BASE_90", "UB_BASE_AFTER")]
                rates = [law_value(param=level, on=on).basis_points() for level in levels]
                assert one.body["monthly_net_gr"] in {in_hand(base, rate) for base in bases for rate in rates}
            else:
                rate = law_value(param=params[code], on=on).basis_points()
                base = law_value(param="UB_BASE_90", on=on).grosze()
                assert one.body["monthly_net_gr"] == in_hand(base, rate)
    assert len(found) == 5


def in_hand(base_gr: int, rate_bp: int) -> int:
    gross_gr = (base_gr * rate_bp + 5_000) // 10_000
    return (gross_gr * 91 + 50) // 100


def test_a_permanent_allowance_keeps_the_bounds_of_the_law():
    paid = [one.body for _, one in records(made(900)) if one.body.get("code") == "OPS-ZST"]
    assert paid
    for body in paid:
        bounds = [law_value(param=param, on=day(body)).grosze() for param in ("SA_STALY_MIN", "SA_STALY_MAX")]
        assert bounds[0] <= body["monthly_net_gr"] <= bounds[1]
    assert {body["monthly_net_gr"] for body in paid} >= {122_900}


def test_both_offices_train_some_people_at_once():
    def trained(person: Person) -> bool:
        forms = [one.body for _, one in records([person]) if one.body.get("code") in ("PUP-SZK", "AI-E01")]
        forms = [body for body in forms if "monthly_net_gr" not in body]
        spans = [(body["code"], Period(day(body), day(body, "until"))) for body in forms]
        return any(a.overlap(b) for one, a in spans for two, b in spans if one < two)

    assert sum(trained(person) for person in in_study()) >= 5


def test_the_ground_truth_has_one_line_a_person():
    text = people_csv(made(60))
    assert text.splitlines()[0] == "pesel,surname,given_names,birth_date,pup,ops,arm,county,inherited,expected"
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(made(60))
    assert text.endswith("\n")
    assert "\r" not in text
    for row, person in zip(rows, made(60), strict=True):
        assert row["pesel"] == person.pesel
        assert row["pup"] == (person.pup or "")
        assert tuple(row["ops"].split(" ") if row["ops"] else ()) == person.ops
        assert date.fromisoformat(row["birth_date"]) == person.birth_date
        assert row["inherited"] == ("true" if person.inherited else "false")
        assert row["expected"] == person.expected
    assert sum(" " in row["ops"] for row in rows) == 1


def test_fewer_than_twelve_people_are_refused():
    with pytest.raises(TooFewPeople):
        make_people(people=11, seed=1)
