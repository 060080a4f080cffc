"""Keys follow each other by the word of the one before: no other word counts, and none of a key that was stolen."""

from dataclasses import replace

import pytest

from shared.exchange.directory import UntrustedDirectory, open_directory
from shared.exchange.keys import SigningKey
from shared.exchange.known_keys import KnownKeys
from shared.exchange.member_keys import MemberKey, followed, is_introduced, sign_introduction
from tests.exchange.builders import BROKER, FEDERATION, KEYS, NOW, OPS, PUP, STRANGER, VALID, directory, member

SECOND, THIRD = SigningKey.from_seed(b"second"), SigningKey.from_seed(b"third")
FIRST_KEY = MemberKey(KEYS[PUP].public, *VALID)


def after(old: SigningKey, new: SigningKey, iss: str = PUP, federation: str = FEDERATION, now: int = NOW) -> MemberKey:
    word = sign_introduction(old, iss=iss, federation=federation, introduces=new.kid, now=now)
    return MemberKey(new.public, *VALID, word)


def test_a_key_is_introduced_by_the_one_before_it_alone() -> None:
    second = after(KEYS[PUP], SECOND)
    assert is_introduced(second, FIRST_KEY, iss=PUP, federation=FEDERATION)
    for wrong in (
        MemberKey(SECOND.public, *VALID),
        replace(second, introduction="x.y.z"),
        replace(after(KEYS[PUP], THIRD), key=SECOND.public),
        after(STRANGER, SECOND),
        after(KEYS[PUP], SECOND, iss=OPS),
        after(KEYS[PUP], SECOND, federation="another"),
        after(KEYS[PUP], SECOND, now=VALID[1] + 1),
    ):
        assert not is_introduced(wrong, FIRST_KEY, iss=PUP, federation=FEDERATION)
    assert not is_introduced(second, replace(FIRST_KEY, compromised_since=NOW), iss=PUP, federation=FEDERATION)


def test_keys_follow_in_whatever_order_they_are_listed() -> None:
    second, third = after(KEYS[PUP], SECOND), after(SECOND, THIRD)
    for listed in ((second, third), (third, second)):
        assert set(followed([FIRST_KEY], listed, iss=PUP, federation=FEDERATION)) == {SECOND.kid, THIRD.kid}
    assert followed([FIRST_KEY], [third], iss=PUP, federation=FEDERATION) == {}


def test_who_knows_an_office_believes_no_key_that_only_the_broker_shows() -> None:
    known = KnownKeys(OPS)
    forged = MemberKey(STRANGER.public, *VALID)
    assert {(iss, how) for iss, _, how in known.new_in(directory())} == {(PUP, "first")}
    known.keys[PUP][FIRST_KEY.key.kid] = FIRST_KEY
    shown = directory(member(PUP, FIRST_KEY, forged, after(KEYS[PUP], SECOND)), member(OPS, forged), member(BROKER))
    assert known.held_back(shown) == {(PUP, STRANGER.kid)}
    held = shown.with_retired((), known.held_back(shown))
    assert held.key_for(PUP, STRANGER.kid, NOW) is None
    assert held.key_for(PUP, SECOND.kid, NOW) == SECOND.public
    stolen = replace(FIRST_KEY, compromised_since=NOW)
    shown = directory(member(PUP, stolen, after(KEYS[PUP], SECOND)))
    assert known.held_back(shown) == {(PUP, SECOND.kid)}, "the thief may have introduced it"


def test_a_stolen_key_stands_for_what_the_broker_received_before_alone() -> None:
    stolen = replace(FIRST_KEY, compromised_since=NOW)
    assert MemberKey.from_json(stolen.to_json()) == stolen
    assert stolen.valid_at(NOW - 10, received_at=NOW - 1)
    assert not stolen.valid_at(NOW - 10, received_at=NOW)
    assert not stolen.valid_at(NOW - 10), "what is received now is received after it"
    assert not stolen.valid_at(VALID[0] - 1, received_at=NOW - 1)


def test_who_pinned_a_key_of_the_broker_follows_those_that_it_introduced() -> None:
    first = MemberKey(KEYS[BROKER].public, *VALID)
    second, third = after(KEYS[BROKER], SECOND, iss=BROKER), after(SECOND, THIRD, iss=BROKER)
    listed = directory(member(BROKER, first, second, third), member(PUP))
    for signer in (KEYS[BROKER], SECOND, THIRD):
        opened = open_directory(listed.sign(signer), pinned=KEYS[BROKER].kid, federation=FEDERATION)
        assert opened.signer == signer.kid
    for pinned, signer in ((SECOND, KEYS[BROKER]), (THIRD, SECOND), (KEYS[BROKER], STRANGER)):
        with pytest.raises(UntrustedDirectory):
            open_directory(listed.sign(signer), pinned=pinned.kid, federation=FEDERATION)
    stolen = directory(member(BROKER, replace(first, compromised_since=NOW), second))
    with pytest.raises(UntrustedDirectory):
        open_directory(stolen.sign(SECOND), pinned=KEYS[BROKER].kid, federation=FEDERATION)
