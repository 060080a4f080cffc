"""Bearer tokens from the command line."""

from pathlib import Path

import jwt
import pytest

from services.cli.tokens import BROKER_SCOPES, MEMBER_SCOPES
from shared.domain.roles import roles
from shared.exchange.keys import load_keys
from tests.cli.command import zwornik
from tests.cli.places import broker, member

SUBJECT = ("--subject", "official-7")


@pytest.fixture
def office(tmp_path: Path) -> dict[str, str]:
    return member(tmp_path / "pup")


def claims(token: str, keys: Path) -> dict[str, object]:
    (key,) = load_keys(keys)
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    decoded: dict[str, object] = jwt.decode(token, key.public.point, algorithms=["ES256"], audience=issuer)
    return decoded


def test_a_token_carries_the_scopes_that_were_named(tmp_path: Path, office: dict[str, str]) -> None:
    said = zwornik("token", "pup", *SUBJECT, "--scope", "clients:read", "--scope", "merged:read", env=office)
    found = claims(said.out.strip(), tmp_path / "pup" / "keys")
    assert said.out.count("\n") == 1
    assert (found["iss"], found["aud"], found["sub"]) == ("pup-2478", "pup-2478", "official-7")
    assert found["scope"] == "clients:read merged:read"
    assert int(str(found["exp"])) - int(str(found["iat"])) == 8 * 3600


def test_all_scopes_are_those_of_the_service(tmp_path: Path, office: dict[str, str]) -> None:
    said = zwornik("token", "pup", *SUBJECT, "--all-scopes", "--hours", "0.5", env=office)
    found = claims(said.out.strip(), tmp_path / "pup" / "keys")
    assert found["scope"] == " ".join(MEMBER_SCOPES)
    assert int(str(found["exp"])) - int(str(found["iat"])) == 1800
    env = broker(tmp_path / "broker")
    said = zwornik("token", "broker", *SUBJECT, "--all-scopes", env=env)
    assert claims(said.out.strip(), tmp_path / "broker" / "keys")["scope"] == " ".join(BROKER_SCOPES)


def test_an_unknown_scope_is_refused_with_those_that_are_known(office: dict[str, str]) -> None:
    for options in ((), ("--scope", "everything"), ("--scope", "clients:read", "--scope", "broker:read")):
        said = zwornik("token", "pup", *SUBJECT, *options, env=office).complaint
        assert all(scope in said for scope in MEMBER_SCOPES)
        assert "everything" not in said


@pytest.mark.parametrize("subject", ["", "  ", "44651401357", "official-44651401357"])
def test_a_subject_is_a_pseudonym_and_never_a_pesel(office: dict[str, str], subject: str) -> None:
    said = zwornik("token", "pup", "--subject", subject, "--all-scopes", env=office).complaint
    assert "pseudonym" in said
    assert "44651401357" not in said


def test_an_office_with_an_issuer_of_its_own_gets_its_tokens_there(tmp_path: Path, office: dict[str, str]) -> None:
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    issuer = {"PUP_ISSUER": "https://login.example", "PUP_JWKS_FILE": str(tmp_path / "jwks.json")}
    said = zwornik("token", "pup", *SUBJECT, "--all-scopes", env=office | issuer)
    assert said.complaint == "the issuer of this service is https://login.example; get a token there"


def test_no_key_or_a_wrong_one_is_said_in_one_line(tmp_path: Path, office: dict[str, str]) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "x.pem").touch(mode=0o600)
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "x.pem").touch(mode=0o644)
    for folder, said in (("none", "holds no key"), ("wrong", "holds no private key"), ("open", "chmod 600")):
        env = office | {"PUP_KEY_DIR": str(tmp_path / folder)}
        assert said in zwornik("token", "pup", *SUBJECT, "--all-scopes", env=env).complaint


@pytest.mark.parametrize("hours", ["0", "-1", "745", "many"])
def test_a_token_holds_a_month_at_most(office: dict[str, str], hours: str) -> None:
    assert zwornik("token", "pup", *SUBJECT, "--all-scopes", "--hours", hours, env=office).status == 2


def test_a_role_stands_in_the_token_and_an_unknown_one_is_refused(tmp_path: Path, office: dict[str, str]) -> None:
    said = zwornik("token", "pup", *SUBJECT, "--role", "caseworker", env=office)
    found = claims(said.out.strip(), tmp_path / "pup" / "keys")
    assert (found["role"], found["scope"]) == ("caseworker", "")
    complaint = zwornik("token", "pup", *SUBJECT, "--role", "janitor", env=office).complaint
    assert all(role in complaint for role in roles())


def test_the_roles_bundle_scopes_that_there_are() -> None:
    for role in roles().values():
        assert role.scopes < set(MEMBER_SCOPES)
