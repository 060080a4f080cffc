"""What the directory says of match keys, and what fits it: by fingerprint, by epoch, by the day."""

from typing import Any

import pytest

from shared.exchange.match_keys import MatchKeyEnded, MatchKeyMismatch, MatchKeys, NextMatchKey

OLD, NEW, OTHER = "0123456789abcdef", "fedcba9876543210", "0" * 16
FOLLOWING = NextMatchKey(fingerprint=NEW, epoch=2, moves_at=100, ends_at=200)
DURING = MatchKeys(fingerprint=OLD, next=FOLLOWING)
AFTER = MatchKeys(fingerprint=NEW, epoch=2)
FIRST, SECOND, THIRD = (f"{epoch}.{'A' * 43}" for epoch in (1, 2, 3))


@pytest.mark.parametrize("keys", [MatchKeys(), MatchKeys(fingerprint=OLD), DURING, AFTER])
def test_what_a_directory_says_reads_back(keys: MatchKeys) -> None:
    assert MatchKeys.from_claims({"match_key_fingerprint": keys.fingerprint} | keys.to_claims()) == keys


def test_a_federation_that_never_changed_its_key_says_nothing_new() -> None:
    assert MatchKeys(fingerprint=OLD).to_claims() == {}


@pytest.mark.parametrize(
    "claims",
    [
        {"match_key_fingerprint": "x"},
        {"match_key_fingerprint": 1},
        {"match_key_epoch": "2"},
        {"match_key_epoch": True},
        *(
            {"next_match_key": FOLLOWING.to_json() | change}
            for change in (
                {"fingerprint": None},
                {"fingerprint": "FEDCBA9876543210"},
                {"epoch": "2"},
                {"ends_at": None},
            )
        ),
        {"next_match_key": {}},
    ],
)
def test_what_is_not_of_its_form_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        MatchKeys.from_claims(claims)


@pytest.mark.parametrize(
    ("keys", "fingerprint", "token"),
    [(DURING, OLD, FIRST), (DURING, NEW, SECOND), (AFTER, NEW, SECOND), (MatchKeys(), OTHER, THIRD)],
)
def test_a_token_of_a_key_in_use_is_taken(keys: MatchKeys, fingerprint: str, token: str) -> None:
    keys.require(fingerprint, token)


@pytest.mark.parametrize(
    ("keys", "fingerprint", "token"),
    [(DURING, OTHER, FIRST), (DURING, OLD, SECOND), (DURING, NEW, FIRST), (DURING, NEW, THIRD), (AFTER, OLD, FIRST)],
)
def test_another_key_or_an_epoch_that_is_not_its_own_is_refused(keys: MatchKeys, fingerprint: str, token: str) -> None:
    with pytest.raises(MatchKeyMismatch):
        keys.require(fingerprint, token)


def test_a_token_whose_key_has_ended_is_told_apart() -> None:
    DURING.require_epoch(FIRST)
    with pytest.raises(MatchKeyEnded) as refused:
        AFTER.require_epoch(FIRST)
    assert (refused.value.problem, refused.value.expected, refused.value.received) == ("match-key-mismatch", 2, 1)


def test_people_move_on_the_day() -> None:
    assert [DURING.have_moved(now) for now in (99, 100, 101)] == [False, True, True]
    assert not AFTER.have_moved(1000)
