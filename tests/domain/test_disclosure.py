"""An office tightens what the catalogue lets leave, and never widens it."""

import pytest

from shared.domain.catalogue import UnknownCode, forms
from shared.domain.disclosure import GroupDoesNotTravel, NoSuchRule, Policy, Widened

SOCIAL = [form.code for form in forms().values() if form.group == "social" and form.discloses == "kind"]


@pytest.mark.parametrize("code", [form.code for form in forms().values() if form.discloses == "nothing"][:5])
@pytest.mark.parametrize("rule", ["kind", "group"])
def test_what_never_leaves_cannot_be_let_go(code: str, rule: str) -> None:
    with pytest.raises(Widened):
        Policy.of({code: rule}, kind="ops")


def test_a_masked_allowance_can_be_kept_back_and_not_shown() -> None:
    assert Policy.of({"OPS-ZST": "nothing"}, kind="ops").rule("OPS-ZST") == "nothing"
    for rule in ("kind", "group"):
        with pytest.raises(Widened):
            Policy.of({"OPS-ZST": rule}, kind="ops")


def test_the_row_of_a_group_is_a_ceiling_and_a_codes_own_row_comes_first() -> None:
    policy = Policy.of({"vocational": "nothing", "PUP-STA": "kind"}, kind="pup")
    assert policy.rule("PUP-STA") == "kind"
    others = [form for form in forms().values() if form.group == "vocational" and form.code != "PUP-STA"]
    assert {policy.rule(form.code) for form in others} == {"nothing"}
    ceiling = Policy.of({"social": "group"}, kind="pcpr")
    for form in forms().values():
        if form.group == "social" and form.discloses == "nothing":
            assert ceiling.rule(form.code) == "nothing"


def test_what_the_broker_would_not_take_by_its_group_is_refused_before_it_is_sent() -> None:
    with pytest.raises(GroupDoesNotTravel):
        Policy.of({"PUP-STA": "group"}, kind="pup")


def test_a_row_that_says_nothing_known_is_refused() -> None:
    with pytest.raises(NoSuchRule):
        Policy.of({"PUP-STA": "cash"}, kind="pup")
    with pytest.raises(UnknownCode):
        Policy.of({"XXX": "nothing"}, kind="pup")
