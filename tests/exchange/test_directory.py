"""The directory: signed by the pinned broker, never going back, and knowing which key of whom was valid when."""

from typing import Any

import pytest

from shared.exchange import jose
from shared.exchange.directory import (
    DIRECTORY_TYPE,
    KEY_TYPE,
    VALID_S,
    Directory,
    UntrustedDirectory,
    directory_hash,
    open_directory,
    open_key_statement,
    sign_key_statement,
)
from shared.exchange.judge import judge
from shared.exchange.keys import MalformedKey, SigningKey
from shared.exchange.match_keys import MatchKeys
from shared.exchange.member_keys import MemberKey

from .builders import (
    BROKER,
    FEDERATION,
    KEYS,
    NOW,
    OPS,
    PUP,
    STRANGER,
    VALID,
    directory,
    forge,
    header,
    make_set,
    member,
    set_claims,
    without,
)

KEY = KEYS[BROKER]
TOKEN = directory().sign(KEY)
CLAIMS = jose.parse(TOKEN, DIRECTORY_TYPE).claims


def opened(token: str = TOKEN, **changes: Any) -> Directory:
    return open_directory(token, **{"pinned": KEY.kid, "federation": FEDERATION} | changes)


def signed(claims: Any, key: SigningKey = KEY, **head: Any) -> str:
    return forge(header(DIRECTORY_TYPE, key.kid) | head, claims, key)


def refused(token: str, **changes: Any) -> UntrustedDirectory:
    with pytest.raises(UntrustedDirectory) as failure:
        opened(token, **changes)
    return failure.value


def entry(name: str, **changes: Any) -> dict[str, Any]:
    """Return the claims with one member of the directory changed."""
    entries = [one | changes if one["id"] == name else one for one in CLAIMS["institutions"]]
    return CLAIMS | {"institutions": entries}


def test_a_directory_opens_as_it_was_signed() -> None:
    one = opened()
    assert (one.serial, one.federation, one.valid_until) == (NOW, FEDERATION, NOW + VALID_S)
    assert (one.match_keys, one.previous) == (MatchKeys(fingerprint="0123456789abcdef"), None)
    assert one.members == directory().members
    assert one.sign(KEY) == TOKEN
    assert signed(CLAIMS) == TOKEN


def test_each_directory_names_the_hash_of_the_one_before() -> None:
    later = directory(serial=NOW + 1, previous=directory_hash(TOKEN)).sign(KEY)
    assert opened(later).previous == directory_hash(TOKEN)
    assert directory_hash(later) != directory_hash(TOKEN)
    assert len(directory_hash(later)) == 43


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x.y.z",
        TOKEN + ".x",
        signed(CLAIMS, typ="JWT"),
        signed(CLAIMS, typ=KEY_TYPE),
        signed(CLAIMS, alg="none"),
        signed(CLAIMS, jwk=KEY.public.jwk()),
        signed(CLAIMS, key=STRANGER),
        signed(CLAIMS, key=KEYS[PUP]),
        signed(CLAIMS, key=STRANGER, kid=KEY.kid),
        signed(CLAIMS | {"serial": str(NOW)}),
        signed(CLAIMS | {"serial": None}),
        signed(CLAIMS | {"serial": True}),
        signed(CLAIMS | {"federation": "another"}),
        signed(CLAIMS | {"iss": PUP}),
        signed(without(CLAIMS, "iss")),
        signed(without(CLAIMS, "serial")),
        signed(without(CLAIMS, "federation")),
        signed(without(CLAIMS, "institutions")),
        signed(CLAIMS | {"institutions": []}),
        signed(CLAIMS | {"institutions": None}),
        signed(CLAIMS | {"institutions": 1}),
        signed(CLAIMS | {"institutions": {"a": 1}}),
        signed(CLAIMS | {"institutions": ["x", None]}),
        signed(CLAIMS | {"institutions": [one for one in CLAIMS["institutions"] if one["id"] != BROKER]}),
        signed(entry(BROKER, keys=[])),
        signed(entry(BROKER, keys=[MemberKey(STRANGER.public, *VALID).to_json()])),
        signed(entry(PUP, id="pup-24")),
        signed(entry(PUP, id=None)),
        signed(entry(PUP, state="hidden")),
        signed(entry(PUP, state=["active"])),
        signed(entry(PUP, area="2478011")),
        signed(entry(PUP, area=["24"])),
        signed(entry(PUP, area=None)),
        signed(entry(PUP, keys=None)),
        signed(entry(PUP, keys=["x"])),
        signed(entry(PUP, keys=[None])),
        signed(entry(PUP, keys=[KEYS[PUP].public.jwk()])),
        signed([]),
        signed(b"{"),
    ],
)
def test_a_directory_that_is_not_the_pinned_brokers_or_not_of_its_form_is_refused(token: str) -> None:
    assert refused(token).problem == "token-invalid"


def test_another_pin_is_another_broker() -> None:
    assert refused(TOKEN, pinned=STRANGER.kid).expected == STRANGER.kid
    refused(TOKEN, pinned="")
    refused(TOKEN, pinned=KEYS[PUP].kid)


def test_a_broker_that_signs_itself_in_under_a_new_key_is_not_the_pinned_one() -> None:
    forged = directory(member(BROKER, MemberKey(STRANGER.public, *VALID)), member(PUP)).sign(STRANGER)
    refused(forged)
    both = directory(member(BROKER, MemberKey(KEY.public, *VALID), MemberKey(STRANGER.public, *VALID)))
    refused(both.sign(STRANGER))
    assert opened(both.sign(KEY)).key_for(BROKER, STRANGER.kid, NOW) is not None


def test_a_lower_serial_is_refused_and_an_equal_or_higher_one_taken() -> None:
    assert opened(lowest_serial=NOW).serial == NOW
    assert opened(lowest_serial=0).serial == NOW
    assert refused(TOKEN, lowest_serial=NOW + 1).expected == NOW + 1


def test_no_letter_of_a_directory_can_be_changed() -> None:
    for at in range(0, len(TOKEN), 29):
        refused(TOKEN[:at] + ("A" if TOKEN[at] != "A" else "B") + TOKEN[at + 1 :])


def test_a_key_that_is_not_its_thumbprint_or_has_no_validity_is_refused() -> None:
    key = MemberKey(KEYS[PUP].public, *VALID).to_json()
    assert MemberKey.from_json(key).to_json() == key
    for wrong in (
        key | {"kid": STRANGER.kid},
        key | {"valid_from": None},
        key | {"valid_until": str(NOW)},
        key | {"valid_from": True},
        key | {"y": key["x"]},
        without(key, "kid"),
        without(key, "valid_until"),
    ):
        with pytest.raises(MalformedKey):
            MemberKey.from_json(wrong)
        refused(signed(entry(PUP, keys=[wrong])))


def test_a_key_is_valid_from_its_first_to_its_last_second_for_its_owner_alone() -> None:
    one = directory(member(PUP, MemberKey(KEYS[PUP].public, NOW, NOW + 10)))
    kid = KEYS[PUP].kid
    at = {moment: one.key_for(PUP, kid, moment) is not None for moment in (NOW - 1, NOW, NOW + 10, NOW + 11)}
    assert at == {NOW - 1: False, NOW: True, NOW + 10: True, NOW + 11: False}
    assert one.key_for(OPS, kid, NOW) is None
    assert one.key_for(PUP, STRANGER.kid, NOW) is None
    assert (one.knows_key(PUP, kid), one.knows_key(OPS, kid)) == (True, False)


def test_only_an_active_member_takes_part() -> None:
    states = {
        state: directory(member(PUP, state=state)).is_active(PUP) for state in ("pending", "suspended", "retired")
    }
    assert not any(states.values())
    assert directory().is_active(PUP)
    assert not directory().is_active("pup-9999")


def test_a_retired_key_verifies_what_was_signed_while_it_was_valid_whenever_it_arrives() -> None:
    old = MemberKey(KEYS[OPS].public, NOW - 500, NOW - 100)
    new = MemberKey(STRANGER.public, NOW - 100, NOW + 500)
    one = directory(member(PUP), member(BROKER), member(OPS, new), retired_keys=[(OPS, old)])
    for iat, fits in ((NOW - 500, True), (NOW - 100, True), (NOW - 99, False), (NOW - 501, False)):
        verdict = judge(make_set(set_claims(iat=iat)), FEDERATION, one)
        assert (verdict.event is not None) is fits
    assert one.key_for(OPS, old.key.kid, NOW - 100) == old.key
    assert one.key_for(PUP, old.key.kid, NOW - 100) is None
    assert one.knows_key(OPS, old.key.kid)
    assert judge(make_set(set_claims(iat=NOW - 100)), FEDERATION, opened(one.sign(KEY))).event is None
    again = opened(one.sign(KEY)).with_retired([(OPS, old)])
    assert judge(make_set(set_claims(iat=NOW - 100)), FEDERATION, again).event is not None
    assert (again.serial, again.members, again.previous) == (one.serial, one.members, one.previous)


def test_what_the_directory_says_of_a_key_outweighs_an_older_word_that_was_kept() -> None:
    kept = MemberKey(KEYS[PUP].public, NOW - 500, NOW + 500)
    shortened = MemberKey(KEYS[PUP].public, NOW - 500, NOW - 1)
    one = directory(member(PUP, shortened)).with_retired([(PUP, kept)])
    assert one.key_for(PUP, KEYS[PUP].kid, NOW) is None
    assert one.key_for(PUP, KEYS[PUP].kid, NOW - 1) is not None


STATED = MemberKey(KEYS[PUP].public, NOW - 10, NOW + 10)
WORD = {"iss": BROKER, "iat": NOW, "institution": PUP, "key": STATED.to_json()}


def word(claims: Any = WORD, key: SigningKey = KEY, **head: Any) -> str:
    return forge(header(KEY_TYPE, key.kid) | head, claims, key)


def test_the_brokers_word_on_a_key_opens_as_it_was_signed() -> None:
    assert sign_key_statement(KEY, PUP, STATED, NOW) == word()
    assert open_key_statement(word(), iss=PUP, kid=KEYS[PUP].kid, directory=directory()) == STATED


@pytest.mark.parametrize(
    "token",
    [
        "",
        word(typ=DIRECTORY_TYPE),
        word(alg="none"),
        word(key=STRANGER),
        word(key=KEYS[PUP]),
        word(key=STRANGER, kid=KEY.kid),
        word(WORD | {"institution": OPS}),
        word(WORD | {"key": MemberKey(STRANGER.public, *VALID).to_json()}),
        word(WORD | {"key": STATED.to_json() | {"kid": STRANGER.kid}}),
        word(WORD | {"key": None}),
        word(WORD | {"key": []}),
        word(without(WORD, "key")),
        word(without(WORD, "institution")),
        word(WORD | {"x": "a" * 5_000}),
        word([]),
    ],
)
def test_a_word_that_is_not_the_brokers_or_about_another_key_is_refused(token: str) -> None:
    with pytest.raises(UntrustedDirectory):
        open_key_statement(token, iss=PUP, kid=KEYS[PUP].kid, directory=directory())


def test_a_word_serves_no_other_institution_and_no_other_key() -> None:
    for iss, kid in ((OPS, KEYS[PUP].kid), (PUP, STRANGER.kid)):
        with pytest.raises(UntrustedDirectory):
            open_key_statement(word(), iss=iss, kid=kid, directory=directory())


def test_a_word_of_a_broker_key_that_is_no_longer_valid_is_refused() -> None:
    late = directory(serial=VALID[1] + 1)
    with pytest.raises(UntrustedDirectory):
        open_key_statement(word(), iss=PUP, kid=KEYS[PUP].kid, directory=late)
