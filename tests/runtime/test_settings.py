"""Settings: what is misspelt, missing or impossible is refused when the process starts, not when it is needed."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.broker.settings import BrokerSettings
from services.ops_api.main import OpsSettings
from services.pup_api.main import PupSettings
from shared.runtime.server import USUAL, limits_of
from shared.runtime.settings import MemberSettings, NodeSettings

MEMBER: dict[str, Any] = {
    "id": "pup-2478",
    "database_url": "sqlite:///pup.sqlite3",
    "key_dir": "keys",
    "broker_url": "https://broker.example",
    "broker_thumbprint": "x" * 43,
    "match_key_file": "match-key.json",
    "pii_keys_file": "pii.json",
}
BROKER: dict[str, Any] = {
    "database_url": "sqlite:///broker.sqlite3",
    "key_dir": "keys",
    "match_key_fingerprint": "0123456789abcdef",
}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("PUP_", "OPS_", "BROKER_"):
        for name in MemberSettings.model_fields | BrokerSettings.model_fields:
            monkeypatch.delenv(prefix + name.upper(), raising=False)


def refused(settings: type[NodeSettings], **values: Any) -> str:
    with pytest.raises(ValidationError) as failure:
        settings(**values)
    [error] = failure.value.errors()
    return f"{'.'.join(map(str, error['loc']))}: {error['type']}"


def test_what_must_be_told_is_enough() -> None:
    made = PupSettings(**MEMBER)
    assert (made.federation, made.host, made.port, made.synthetic_people) == ("pl-pilot", "127.0.0.1", 8000, False)
    assert made.key_dir == Path("keys")
    assert BrokerSettings(**BROKER).id == "broker"


@pytest.mark.parametrize(
    ("settings", "values"),
    [(PupSettings, MEMBER), (OpsSettings, MEMBER | {"id": "ops-2478011"}), (BrokerSettings, BROKER)],
)
def test_a_setting_that_is_misspelt_is_refused(settings: type[NodeSettings], values: dict[str, Any]) -> None:
    assert refused(settings, **values, databse_pool=5) == "databse_pool: extra_forbidden"


@pytest.mark.parametrize("name", sorted(MEMBER))
def test_everything_without_a_default_must_be_told(name: str) -> None:
    assert refused(PupSettings, **{key: MEMBER[key] for key in MEMBER if key != name}) == f"{name}: missing"


@pytest.mark.parametrize("given", ["", "pup-24", "PUP-2478", "pup-2478 x", "ops-2478", "urzad", "pup-2478\n11"])
def test_an_id_that_is_none_is_refused(given: str) -> None:
    assert refused(PupSettings, **MEMBER | {"id": given}) == "id: value_error"


def test_the_text_says_what_an_id_looks_like() -> None:
    with pytest.raises(ValidationError, match="pup-2478, ops-2478011"):
        PupSettings(**MEMBER | {"id": "wrong"})


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("federation", "PL pilot", "string_pattern_mismatch"),
        ("database_pool", 0, "greater_than_equal"),
        ("database_pool", 101, "less_than_equal"),
        ("sqlite_synchronous", "OFF", "literal_error"),
        ("port", 65536, "less_than_equal"),
        ("base_path", "api/", "string_pattern_mismatch"),
        ("base_path", "/api/", "string_pattern_mismatch"),
        ("log_level", "LOUD", "literal_error"),
        ("broker_thumbprint", "x" * 42, "string_pattern_mismatch"),
        ("renew_days", 0, "greater_than_equal"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: Any, kind: str) -> None:
    assert refused(PupSettings, **MEMBER | {name: value}) == f"{name}: {kind}"


@pytest.mark.parametrize("value", ["0123456789abcde", "0123456789ABCDEF", "not a fingerprint"])
def test_the_broker_is_told_a_fingerprint_and_nothing_else(value: str) -> None:
    assert refused(BrokerSettings, **BROKER | {"match_key_fingerprint": value}).endswith("string_pattern_mismatch")


def test_settings_come_from_the_environment_under_the_programs_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MEMBER.items():
        monkeypatch.setenv(f"OPS_{name.upper()}", " ops-2478011 " if name == "id" else value)
    monkeypatch.setenv("PUP_PORT", "9999")
    monkeypatch.setenv("OPS_SYNTHETIC_PEOPLE", "true")
    made = OpsSettings()
    assert (made.id, made.port, made.synthetic_people) == ("ops-2478011", 8000, True)
    with pytest.raises(ValidationError):
        PupSettings()


def test_settings_do_not_change_once_they_are_read() -> None:
    made = PupSettings(**MEMBER)
    with pytest.raises(ValidationError, match="frozen"):
        made.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("settings", [PupSettings, OpsSettings, BrokerSettings])
def test_every_setting_says_what_it_is(settings: type[NodeSettings]) -> None:
    assert not [name for name, field in settings.model_fields.items() if not field.description and name != "id"]


def test_a_node_that_is_told_nothing_serves_under_the_usual_bounds() -> None:
    assert limits_of(BrokerSettings(**BROKER)) == limits_of(PupSettings(**MEMBER)) == USUAL
    told = limits_of(BrokerSettings(**BROKER, connections=64, connections_per_peer=8))
    assert (told.connections, told.per_peer, told.head_s) == (64, 8, USUAL.head_s)
