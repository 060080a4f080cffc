"""Desks: a setting and a statement say whom to call, in a form that can be trusted to be one."""

import pytest

from shared.domain.desks import MOST, Desk, NoSuchDesk, desks_of, known_desks, read_desks

DESK = Desk("joint_clients", "+48 32 123 45 67", "klienci@pup.example")


def test_what_is_written_reads_back() -> None:
    assert read_desks([DESK.to_json()]) == known_desks([DESK.to_json()]) == (DESK,)
    assert desks_of(" joint_clients ,+48 32 123 45 67, klienci@pup.example ; ") == (DESK,)
    assert desks_of("") == known_desks(None) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "reception"}, "desks.code"),
        ({"phone": "call Anna"}, "desks.phone"),
        ({"phone": "12"}, "desks.phone"),
        ({"email": "Anna <anna@pup.example>"}, "desks.email"),
        ({"email": "anna@pup"}, "desks.email"),
        ({"email": "a\n@pup.example"}, "desks.email"),
        ({"email": None}, "desks"),
    ],
)
def test_what_is_no_desk_is_refused_by_its_member(change: dict[str, object], field: str) -> None:
    with pytest.raises(NoSuchDesk) as refused:
        read_desks([DESK.to_json() | change])
    assert refused.value.field == field
    assert known_desks([DESK.to_json() | change]) == ()


@pytest.mark.parametrize("desks", ["x", {}, [1], [DESK.to_json()] * 2, [DESK.to_json()] * (MOST + 1)])
def test_a_list_of_desks_has_each_code_once(desks: object) -> None:
    with pytest.raises(NoSuchDesk):
        read_desks(desks)
