"""Settings that do not hold: each variable is named, with what it must be, and never with what it was."""

from pathlib import Path

import pytest

from services.broker.settings import BrokerSettings
from services.cli.programs import Program
from services.ops_api.main import OpsSettings
from services.pup_api.main import PupSettings
from shared.runtime.settings import NodeSettings
from tests.cli.command import Said, zwornik
from tests.cli.places import member

SETTINGS: dict[Program, type[NodeSettings]] = {"broker": BrokerSettings, "pup": PupSettings, "ops": OpsSettings}
ASKING = [("serve",), ("work",), ("migrate",), ("token", "--subject", "x", "--all-scopes")]


def named(said: Said) -> dict[str, str]:
    """The variables that a refusal names."""
    first, *lines, last = said.err.splitlines()
    assert (said.status, said.raw) == (1, b"")
    assert first.startswith("zwornik: the settings of the ")
    assert last == "See .env.example."
    return dict(line.strip().split(": ", 1) for line in lines)


@pytest.fixture
def office(tmp_path: Path) -> dict[str, str]:
    return member(tmp_path / "pup")


@pytest.mark.parametrize("command", ASKING, ids=lambda command: command[0])
@pytest.mark.parametrize("program", SETTINGS)
def test_every_missing_variable_is_named(command: tuple[str, ...], program: Program) -> None:
    word, *options = command
    required = {n for n, field in SETTINGS[program].model_fields.items() if field.is_required()}
    found = named(zwornik(word, program, *options))
    assert found == {f"{program.upper()}_{name.upper()}": "Field required" for name in required}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ID", "pup-24", "its kind, a hyphen and its number"),
        ("ID", "ops-2478011", "This program serves pup"),
        ("ID", "broker", "This program serves pup"),
        ("FEDERATION", "Śląsk", "pattern"),
        ("DATABASE_URL", "nonsense-hunter2", "sqlite:///path or postgresql://"),
        ("DATABASE_URL", "mysql://root:hunter2@db/pup", "sqlite:///path or postgresql://"),
        ("DATABASE_POOL", "0", "greater than or equal to 1"),
        ("SQLITE_SYNCHRONOUS", "OFF", "FULL"),
        ("PORT", "65536", "less than or equal to 65535"),
        ("PORT", "http", "integer"),
        ("BASE_PATH", "pup/", "pattern"),
        ("LOG_LEVEL", "LOUD", "INFO"),
        ("BROKER_THUMBPRINT", "hunter2", "pattern"),
        ("SYNTHETIC_PEOPLE", "perhaps", "boolean"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(
    office: dict[str, str], variable: str, value: str, says: str
) -> None:
    said = zwornik("serve", "pup", env=office | {f"PUP_{variable}": value})
    assert list(named(said)) == [f"PUP_{variable}"]
    assert says in said.err
    assert "hunter2" not in said.err


def test_an_issuer_needs_its_keys(office: dict[str, str]) -> None:
    said = zwornik("serve", "pup", env=office | {"PUP_ISSUER": "https://login.example"})
    assert list(named(said)) == ["PUP_JWKS_FILE"]


@pytest.mark.parametrize(
    ("program", "office_id"), [("ops", "pup-2478"), ("broker", "ops-2478011"), ("pup", "pcpr-2478")]
)
def test_a_program_serves_its_own_kind_alone(program: Program, office_id: str) -> None:
    found = named(zwornik("serve", program, env={f"{program.upper()}_ID": office_id}))
    assert "This program serves " in found[f"{program.upper()}_ID"]


@pytest.mark.parametrize("office_id", ["ops-2478011", "pcpr-2478", "ngo-0000123456"])
def test_the_welfare_program_serves_the_whole_welfare_side(office_id: str) -> None:
    assert "OPS_ID" not in named(zwornik("serve", "ops", env={"OPS_ID": office_id}))


@pytest.mark.parametrize(
    ("variable", "content", "says"),
    [
        ("MATCH_KEY_FILE", None, "No such file or directory"),
        ("MATCH_KEY_FILE", b"{}", "holds no match key"),
        ("PII_KEYS_FILE", None, "No such file or directory"),
        ("PII_KEYS_FILE", b"[]", "holds no keys for personal data"),
        ("PII_KEYS_FILE", b'{"current": "k2", "keys": {"k1": "QUFB"}, "index": "QUFB"}', "holds no keys"),
        ("JWKS_FILE", None, "No such file or directory"),
        ("JWKS_FILE", b"[]", "holds no JWKS"),
        ("JWKS_FILE", b"garbage", "holds no JWKS"),
        ("JWKS_FILE", b'{"keys": [{"kid": "1", "kty": "EC"}]}', "holds no JWKS"),
        ("DISCLOSURE_FILE", None, "No such file or directory"),
        ("DISCLOSURE_FILE", b"\xff\xfe", "is no CSV in UTF-8"),
        ("DISCLOSURE_FILE", b'name;leaves_as\n"PUP-STA;nothing', "is no CSV in UTF-8"),
        ("DISCLOSURE_FILE", b"code;rule\nPUP-STA;nothing\n", "has other columns than name;leaves_as"),
        ("DISCLOSURE_FILE", b"name;leaves_as\nPUP-STA;nothing;x\n", "has other columns"),
        ("DISCLOSURE_FILE", b"name;leaves_as\nPUP-STA;secret\n", "PUP-STA: A form leaves as it is"),
        ("DISCLOSURE_FILE", b"name;leaves_as\nPUP-STA;kind\nPUP-STA;nothing\n", "two rows of PUP-STA"),
        ("DISCLOSURE_FILE", b"name;leaves_as\nPUP-XXX;kind\n", "PUP-XXX: "),
        ("DISCLOSURE_FILE", b"name;leaves_as\nAI-H02;kind\n", "AI-H02: The catalogue lets less leave"),
    ],
)
def test_a_file_that_does_not_hold_is_said_in_one_line(
    tmp_path: Path, office: dict[str, str], variable: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    said = zwornik("serve", "pup", env=office | {f"PUP_{variable}": str(path)}).complaint
    assert says in said
    assert str(path) in said


def test_a_broker_that_would_be_reached_without_tls_is_refused(office: dict[str, str]) -> None:
    said = zwornik("serve", "pup", env=office | {"PUP_BROKER_URL": "http://broker.example"}).complaint
    assert said == "http://broker.example is refused: a peer is reached by https"


def test_no_signing_key_is_said_with_the_command_that_makes_one(tmp_path: Path, office: dict[str, str]) -> None:
    said = zwornik("serve", "pup", env=office | {"PUP_KEY_DIR": str(tmp_path / "none")}).complaint
    assert said == "pup-2478 has no signing key; make one with: zwornik keys generate"
