"""Who may say what: the permission table against WIRE.md, section 4, written down here a second time."""

import csv
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from shared.domain.catalogue import MASKED_CASH, UnknownCode, forms, wire_owners
from shared.domain.events import schema
from shared.domain.events.payloads.people import Restated
from shared.domain.events.payloads.support import Benefit, SupportForm
from shared.domain.events.schema import UNSET
from shared.domain.events.types import (
    EventType,
    SetNotPermitted,
    UnknownEventType,
    event_type,
    event_types,
    require_permitted,
    restated_records,
)
from shared.domain.institutions import BROKER, KINDS

from .builders import FREE_TEXTS, UUID, example, parsers_of

OFFICES, WELFARE, BROKERS = "pup ops pcpr ngo", "ops pcpr ngo", "broker"
WIRE = f"""
client.enrolled.v1            broker  {OFFICES}
client.withdrawn.v1           broker  {OFFICES}
client.changed.v1             broker  {OFFICES}
client.rekeyed.v1             broker  {OFFICES}
match.confirmed.v1            broker  {OFFICES}
match.refused.v1              broker  {OFFICES}
record.restated.v1            shared  {OFFICES}
support_form.opened.v1        shared  {OFFICES}
support_form.amended.v1       shared  {OFFICES}
support_form.closed.v1        shared  {OFFICES}
support_form.voided.v1        shared  {OFFICES}
benefit.granted.v1            shared  {OFFICES}
benefit.amended.v1            shared  {OFFICES}
benefit.ended.v1              shared  {OFFICES}
benefit.voided.v1             shared  {OFFICES}
employment.started.v1         shared  pup ops
employment.wage_changed.v1    shared  pup ops
employment.ended.v1           shared  pup ops
registration.opened.v1        shared  pup
registration.closed.v1        shared  pup
contract.signed.v1            shared  {WELFARE}
contract.closed.v1            shared  {WELFARE}
referral.made.v1              shared  {OFFICES}
referral.answered.v1          shared  {OFFICES}
cost_agreement.stated.v1      shared  {OFFICES}
household.declared.v1         broker  {WELFARE}
programme.joined.v1           broker  pup
programme.left.v1             broker  pup
progress.recorded.v1          broker  {OFFICES}
data.restricted.v1            shared  {OFFICES}
set.erased.v1                 shared  {OFFICES}
access_log.requested.v1       members {OFFICES}
access_log.answered.v1        members {OFFICES}
assessment.decided.v1         shared  pup
reconciliation.answered.v1    broker  {OFFICES}
shared.digest.v1              members {OFFICES}
joint_client.matched.v1       members {BROKERS}
joint_client.suspected.v1     members {BROKERS}
joint_client.parted.v1        members {BROKERS}
joint_client.contested.v1     members {BROKERS}
support_form.duplicated.v1    members {BROKERS}
assessment.made.v1            members {BROKERS}
assessment.corrected.v1       members {BROKERS}
set.refused.v1                members {BROKERS}
reconciliation.requested.v1   members {BROKERS}
reconciliation.closed.v1      members {BROKERS}
"""
ALLOWED = {line.split()[0]: frozenset(line.split()[2:]) for line in WIRE.strip().splitlines()}
GOES_TO = {line.split()[0]: line.split()[1] for line in WIRE.strip().splitlines()}
EVERYBODY = (*KINDS, BROKER)
CODED = ("support_form.opened.v1", "benefit.granted.v1")
PUTS = [type_ for type_ in event_types().values() if type_.change == "put"]
OWN_CODE = {"pup": "PUP-STA", "ops": "OPS-ZOK", "pcpr": "OPS-ZOK", "ngo": "AI-Z01"}

every_type = pytest.mark.parametrize("type_", event_types().values(), ids=lambda type_: type_.name)


def payload_of(type_: EventType, **changes: Any) -> Any:
    return schema.read(type_.shape, example(type_.shape) | changes)


def is_permitted(kind: str, type_: EventType, payload: Any) -> bool:
    try:
        require_permitted(kind, type_, payload)
    except SetNotPermitted:
        return False
    return True


@every_type
def test_every_row_of_the_table_is_well_formed(type_: EventType) -> None:
    assert type_.name in ALLOWED, "a type that WIRE.md does not name"
    assert type_.issuers <= set(EVERYBODY)
    assert type_.issuers
    assert type_.goes_to in ("broker", "shared", "members")
    assert type_.relation in ("none", "enrolled", "member", "programme", "run")
    assert type_.change in ("", "put", "drop")
    assert bool(type_.record) == bool(type_.change)
    assert type_.shape.__module__.startswith("shared.domain.events.payloads.")
    assert type_.is_shared == (type_.goes_to == "shared")


@every_type
def test_a_type_goes_where_the_wire_document_says(type_: EventType) -> None:
    assert type_.goes_to == GOES_TO[type_.name]


@pytest.mark.parametrize("kind", EVERYBODY)
@every_type
def test_a_kind_may_send_exactly_the_types_that_the_wire_document_gives_it(type_: EventType, kind: str) -> None:
    changes: dict[str, Any] = {}
    if any(wire == "code" for wire, _, _ in parsers_of(type_.shape)):
        changes = {"code": OWN_CODE.get(kind, "PUP-STA")}
    if type_.shape is Restated:
        changes = {"records": []}
    assert is_permitted(kind, type_, payload_of(type_, **changes)) == (kind in ALLOWED[type_.name])


def test_only_the_broker_says_what_the_broker_says_and_it_says_nothing_else() -> None:
    for name, type_ in event_types().items():
        if BROKER in type_.issuers:
            assert (type_.issuers, type_.goes_to) == ({BROKER}, "members"), name


def test_every_type_that_makes_or_drops_a_record_is_shared_and_about_a_present_member() -> None:
    for type_ in event_types().values():
        if type_.change:
            assert (type_.goes_to, type_.relation) == ("shared", "member")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CODED)
def test_a_code_comes_from_the_kinds_that_own_it_alone(name: str, kind: str) -> None:
    type_ = event_type(name)
    for code, owners in wire_owners().items():
        if type_.shape is SupportForm or is_monthly(code):
            assert is_permitted(kind, type_, coded(type_, code)) == (kind in owners), code


def is_monthly(code: str) -> bool:
    return code == MASKED_CASH or (code in forms() and forms()[code].is_monthly_benefit)


def coded(type_: EventType, code: str, **changes: Any) -> Any:
    """Return the payload of a form or benefit of this code, with what the code needs."""
    gained = {"gained": code == "PUP-DAK"} if type_.shape is Benefit else {}
    return payload_of(type_, code=code, **gained | changes)


@pytest.mark.parametrize("code", sorted(set(wire_owners())))
def test_only_money_that_is_paid_monthly_enters_the_benefit_rule(code: str) -> None:
    granted = event_type("benefit.granted.v1")
    [kind, *_] = sorted(wire_owners()[code])
    if is_monthly(code):
        require_permitted(kind, granted, coded(granted, code))
        return
    for records in (coded(granted, code), restated(record(granted, code=code, gained=False))):
        type_ = granted if records.__class__ is Benefit else event_type("record.restated.v1")
        with pytest.raises(schema.SetSchema) as refused:
            require_permitted(kind, type_, records)
        assert refused.value.field == "code"


@pytest.mark.parametrize(
    ("kind", "code", "changes", "field"),
    [
        ("pup", "PUP-ZAS", {"gained": True}, "gained"),
        ("pup", "PUP-DAK", {"gained": False}, "gained"),
        ("ops", "OPS-CASH", {"gained": True}, "gained"),
        ("pup", "PUP-DAK", {"kept_months": UNSET}, "kept_months"),
        ("ops", "OPS-CASH", {"kept_months": UNSET}, "kept_months"),
        ("ops", "OPS-CASH", {"remaining_net": None}, "remaining_net"),
    ],
)
def test_a_benefit_says_what_its_code_leaves_open(kind: str, code: str, changes: dict[str, Any], field: str) -> None:
    granted = event_type("benefit.granted.v1")
    benefit = replace(coded(granted, code), **changes)
    with pytest.raises(schema.SetSchema) as refused:
        require_permitted(kind, granted, benefit)
    assert refused.value.field == field
    require_permitted(kind, granted, coded(granted, code))


@pytest.mark.parametrize("kept", [UNSET, None, 0, 12])
def test_a_code_that_says_all_itself_may_leave_the_keeping_open(kept: Any) -> None:
    granted = event_type("benefit.granted.v1")
    require_permitted("pup", granted, replace(coded(granted, "PUP-ZAS"), kept_months=kept, remaining_net=None))


@pytest.mark.parametrize("name", CODED)
def test_a_code_that_may_not_leave_the_office_is_unknown_on_the_wire(name: str) -> None:
    type_ = event_type(name)
    hidden = [code for code in forms() if code not in wire_owners()]
    for code in [*hidden, "PUP-XXX", "health-X", "cash-X"]:
        for kind in KINDS:
            with pytest.raises(UnknownCode) as refused:
                require_permitted(kind, type_, payload_of(type_, code=code))
            assert (refused.value.field, refused.value.problem) == ("code", "code-unknown")


def test_a_refusal_names_who_may_send_it() -> None:
    with pytest.raises(SetNotPermitted) as refused:
        require_permitted("ops", event_type("registration.opened.v1"), payload_of(event_type("registration.opened.v1")))
    assert (refused.value.expected, refused.value.received) == ("pup", "ops")
    assert refused.value.problem == "set-not-permitted"
    form = payload_of(event_type("support_form.opened.v1"), code="OPS-ZOK")
    with pytest.raises(SetNotPermitted) as refused:
        require_permitted("pup", event_type("support_form.opened.v1"), form)
    assert (refused.value.field, refused.value.expected, refused.value.received) == ("code", "ops or pcpr", "pup")


@pytest.mark.parametrize("name", ["", "client.enrolled", "client.enrolled.v2", "CLIENT.ENROLLED.V1", *FREE_TEXTS])
def test_an_unknown_type_is_a_question_of_schema_and_its_name_is_not_repeated(name: str) -> None:
    with pytest.raises(UnknownEventType) as refused:
        event_type(name)
    assert (refused.value.problem, refused.value.field) == ("set-schema", "events")
    assert not name.strip() or name not in str(vars(refused.value))


def restated(*records: dict[str, Any]) -> Any:
    return payload_of(event_type("record.restated.v1"), records=list(records))


def record(type_: EventType, **changes: Any) -> dict[str, Any]:
    return {"type": type_.name, "payload": example(type_.shape) | changes}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", PUTS, ids=lambda type_: type_.name)
def test_a_restatement_holds_only_what_its_author_could_have_sent_singly(type_: EventType, kind: str) -> None:
    has_code = type_.shape in (SupportForm, Benefit)
    for code in ("PUP-STA", "OPS-ZOK", "AI-Z01") if has_code else ("",):
        changes = {"code": code} if has_code else {}
        singly = is_permitted(kind, type_, payload_of(type_, **changes))
        assert is_permitted(kind, event_type("record.restated.v1"), restated(record(type_, **changes))) == singly


def test_one_foreign_record_spoils_a_whole_restatement() -> None:
    own, foreign = record(event_type("contract.signed.v1")), record(event_type("registration.opened.v1"))
    assert is_permitted("ops", event_type("record.restated.v1"), restated(own))
    assert not is_permitted("ops", event_type("record.restated.v1"), restated(own, foreign))


@pytest.mark.parametrize(
    "name",
    [name for name, type_ in event_types().items() if type_.change != "put"] + ["unknown.v1", "", "Jan Kowalski"],
)
def test_a_restatement_holds_only_events_that_make_a_record(name: str) -> None:
    payload = example(event_types()[name].shape) if name in event_types() else {}
    with pytest.raises(schema.SetSchema):
        restated_records([{"type": name, "payload": payload}])


@pytest.mark.parametrize(
    "item", [{"payload": {}}, {"type": None, "payload": {}}, {"type": ["contract.signed.v1"], "payload": {}}]
)
def test_a_record_without_a_type_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(schema.SetSchema):
        restated_records([item])


def test_a_record_that_does_not_fit_its_type_is_refused_by_its_member() -> None:
    broken = record(event_type("contract.signed.v1"), form="C")
    with pytest.raises(schema.SetSchema) as refused:
        restated_records([broken])
    assert refused.value.field == "form"


def test_restated_records_are_read_as_the_events_that_would_make_them() -> None:
    items = [record(type_) for type_ in PUTS]
    read = restated_records(items)
    assert [one.type for one in read] == PUTS
    assert [one.payload for one in read] == [payload_of(type_) for type_ in PUTS]
    assert restated_records([]) == []


def test_every_record_has_a_key_that_a_later_event_of_the_record_shares() -> None:
    keys: dict[str, set[str]] = {}
    for type_ in event_types().values():
        if type_.change:
            keys.setdefault(type_.record, set()).add(type_.key_of(payload_of(type_)))
    assert keys == {
        "support_form": {UUID},
        "benefit": {UUID},
        "registration": {UUID},
        "contract": {UUID},
        "referral": {UUID},
        "referral_answer": {UUID},
        "cost_agreement": {UUID},
        "restriction": {UUID},
        "employment": {f"{UUID}:3"},
    }
    assert all(len(key) <= 48 for each in keys.values() for key in each)


def test_two_records_of_one_job_are_told_apart_by_the_authors_counter() -> None:
    started = event_type("employment.started.v1")
    assert started.key_of(payload_of(started, recorded=1)) != started.key_of(payload_of(started, recorded=2))


def test_the_file_has_one_row_a_type_and_every_shape_is_used() -> None:
    lines = files("shared.domain.events").joinpath("permissions.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter=";"))
    assert len(rows) == len(event_types())
    assert all(None not in row.values() and None not in row for row in rows)
    shapes = {
        shape
        for module in ("access", "between", "broker", "erasing", "people", "reconciliation", "support")
        for shape in vars(__import__(f"shared.domain.events.payloads.{module}", fromlist=["x"])).values()
        if isinstance(shape, type) and shape.__module__.endswith(f"payloads.{module}")
    }
    assert shapes == {type_.shape for type_ in event_types().values()}
