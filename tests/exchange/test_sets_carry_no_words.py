"""Personal numbers and free text find no way into a SET: in no string, name or number, known or not, escaped or not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.types import URN, event_type
from shared.exchange.judge import judge
from tests.domain.builders import pesels

from .builders import FEDERATION, HASH, NOW, PESEL, PROPERTY, TOKEN, directory, example, make_set, set_claims

Place = Callable[[Any], dict[str, Any]]
CONTRACT = example(event_type("contract.signed.v1").shape)
RESTATED = example(event_type("record.restated.v1").shape)


def in_payload(**members: Any) -> dict[str, Any]:
    return set_claims(payload=CONTRACT | members)


def in_restated(record: dict[str, Any]) -> dict[str, Any]:
    return set_claims("record.restated.v1", payload=RESTATED | {"records": [record]})


VALUES: dict[str, Place] = {
    "an unknown claim": lambda value: set_claims(note=value),
    "a list in a claim": lambda value: set_claims(note=["a", ["b", value]]),
    "an object in a claim": lambda value: set_claims(note={"a": {"b": value}}),
    "an unknown member of the payload": lambda value: in_payload(note=value),
    "deep in the payload": lambda value: in_payload(note=[{"a": [value]}]),
    "an unknown member of the subject": lambda value: set_claims(
        sub_id={"format": "opaque", "id": TOKEN, "note": value}
    ),
    "an unknown member of a record": lambda value: in_restated(
        {"type": "contract.signed.v1", "payload": CONTRACT | {"note": value}}
    ),
    "beside a record": lambda value: in_restated({"type": "contract.signed.v1", "payload": CONTRACT, "note": value}),
    "an ignored count": lambda value: set_claims("client.enrolled.v1", n=value),
    "an ignored prev": lambda value: set_claims("client.enrolled.v1", prev=value),
    "an unknown type of event": lambda value: set_claims(events={URN + "client.praised.v1": {"note": value}}),
}
NAMES: dict[str, Place] = {
    "the name of a claim": lambda name: set_claims(**{name: 1}),
    "the name of a member": lambda name: in_payload(**{name: 1}),
    "a name deep inside": lambda name: set_claims(note=[{"a": {name: None}}]),
    "the name of an event": lambda name: set_claims(events={URN + name: {}}),
}
PLACES = VALUES | NAMES
every_place = pytest.mark.parametrize("place", PLACES)
WRITTEN = {
    "bare": PESEL,
    "with text around": f"case-{PESEL}/2026",
    "in a longer number": f"00{PESEL}00",
    "with a minus": f"-{PESEL}",
    "after a point": f"1.{PESEL}",
    "beside a hash": f"{HASH}{PESEL}",
    "beside a token": f"{TOKEN}.{PESEL}",
    "as a query": f"?pesel={PESEL}",
}
WORDS = {
    "a name": "Jan Kowalski",
    "a name with Polish letters": "Przykładowska",
    "an address": "ul. Długa 5/7",
    "a line end": "a\nb",
    "a zero byte": "a\0b",
    "a zero width space": "a\u200bb",
    "full width digits": "４４６５１４０１３５７",
    "arabic digits": "٤٤٦٥١٤٠١٣٥٧",
    "an emoji": "\U0001f600",
}


def refusal(claims: dict[str, Any] | bytes) -> str:
    failure = judge(make_set(claims), FEDERATION, directory()).failure
    assert failure is not None
    assert failure.problem == "set-schema"
    assert PESEL not in f"{failure.detail} {failure.field} {failure.expected} {failure.received}"
    return failure.detail


def is_taken(claims: dict[str, Any] | bytes) -> bool:
    return judge(make_set(claims), FEDERATION, directory()).failure is None


def escaped(claims: dict[str, Any], letters: str) -> bytes:
    """Return the claims with every one of these letters of the PESEL spelled as an escape."""
    hidden = "".join(f"\\u{ord(digit):04x}" if digit in letters else digit for digit in PESEL)
    spelled = json.dumps(claims, separators=(",", ":"))
    assert PESEL in spelled
    return spelled.replace(PESEL, hidden).encode()


@every_place
def test_a_personal_number_is_refused_wherever_it_stands(place: str) -> None:
    for name, written in WRITTEN.items():
        assert "PESEL" in refusal(PLACES[place](written)), name


@pytest.mark.parametrize("place", VALUES)
def test_a_personal_number_is_refused_as_a_number_too(place: str) -> None:
    for number in (int(PESEL), -int(PESEL), int(PESEL + "00"), int("1" + PESEL)):
        assert "PESEL" in refusal(VALUES[place](number)), number


@every_place
def test_escapes_do_not_hide_a_personal_number(place: str) -> None:
    for letters in ("0123456789", "4", "1", "7"):
        assert "PESEL" in refusal(escaped(PLACES[place](PESEL), letters)), letters


@PROPERTY
@given(pesels(), st.sampled_from(sorted(VALUES)), st.booleans())
def test_every_personal_number_is_refused(digits: str, place: str, escape: bool) -> None:
    claims = json.dumps(VALUES[place](f"a{digits}"))
    hidden = "".join(f"\\u00{ord(digit):X}" for digit in digits)
    assert "PESEL" in refusal((claims.replace(digits, hidden) if escape else claims).encode())


@every_place
def test_words_are_refused_wherever_they_stand(place: str) -> None:
    for name, words in WORDS.items():
        assert "free text" in refusal(PLACES[place](words)), name


@pytest.mark.parametrize(
    "claims",
    [
        set_claims(jti="44651401-3570-7abc-8def-044651401357"),
        set_claims(txn="44651401-3570-7abc-8def-446514013570"),
        set_claims(n=2, prev="44651401357" + HASH[11:]),
        set_claims(sub_id={"format": "opaque", "id": "1.44651401357" + HASH[11:]}),
        in_payload(contract_id="0192f0c1-7c00-7abc-8def-446514013570"),
        in_payload(note="44651401357" + HASH[11:]),
        set_claims("client.rekeyed.v1", payload={"token": "2.44651401357" + HASH[11:], "check": "a7"}),
        in_payload(note="44651401358"),
        in_payload(note=44651401358),
        in_payload(note="2026-03-01"),
        in_payload(note=["4465140135", "7"]),
        in_payload(note=2**53),
    ],
)
def test_ids_hashes_tokens_dates_and_other_digits_are_no_personal_numbers(claims: dict[str, Any]) -> None:
    assert is_taken(claims)


def test_a_set_that_another_library_spaces_and_escapes_its_own_way_is_taken() -> None:
    for spelled in (
        json.dumps(set_claims(), indent=2).encode(),
        json.dumps(set_claims(), indent="\t", ensure_ascii=True).encode(),
        json.dumps(set_claims()).replace("contract", "\\u0063ontract").encode(),
        json.dumps(set_claims()).replace("/", "\\/").encode(),
    ):
        assert is_taken(spelled)


def test_a_number_that_lost_its_leading_zero_cannot_be_told_from_an_amount() -> None:
    """A known limit: 02070803628 as a JSON number has ten digits, as every amount and every Unix time has."""
    assert is_taken(in_payload(note=2070803628))
    assert "PESEL" in refusal(in_payload(note="02070803628"))
    assert is_taken(set_claims(toe=NOW))
