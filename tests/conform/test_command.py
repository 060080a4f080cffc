"""``zwornik conform`` as a vendor runs it: against nodes that are processes of their own."""

import time
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

import pytest

from services.cli.conform.broker.cases import CASES as FOR_AN_INSTITUTION
from services.cli.conform.cases import Outcome
from services.cli.conform.institution import trying
from services.cli.conform.institution.cases import CASES as FOR_A_BROKER
from tests.cli.command import Said, process, zwornik
from tests.cli.places import broker, member, operator
from tests.cli.serving import free_port, served


def key_in(folder: Path) -> Path:
    zwornik("keys", "generate", folder)
    (path,) = folder.glob("*.pem")
    return path


def test_a_vendor_tries_a_broker(tmp_path: Path) -> None:
    env, key = broker(tmp_path / "broker"), key_in(tmp_path / "kit")
    url = f"http://127.0.0.1:{env['BROKER_PORT']}"
    thumbprint = zwornik("keys", "show", tmp_path / "broker" / "keys").out.strip()
    command = ("conform", "--as", "institution", url, "--key", key, "--id", "pup-2478", "--thumbprint", thumbprint)
    with served("broker", env, tmp_path) as running:
        running.until_ready()
        first = zwornik(*command)
        assert first.complaint.startswith("pup-2478 is registered and waits for approval; then run this again.")
        assert zwornik("institutions", "approve", "pup-2478", key.stem, env=operator(env)).status == 0
        junit = tmp_path / "junit.xml"
        said = zwornik(*command, "--junit", junit, "--only", "proof-*", "--only", "stream-*")
        assert (said.status, said.err) == (0, ""), said.out
        wrong = zwornik(*command[:-1], "A" * 43)
        assert "Compare --thumbprint" in wrong.complaint
    suite = ElementTree.parse(junit).getroot()[0]  # noqa: S314  (it was made here)
    assert (suite.get("failures"), suite.get("tests")) == ("0", str(len(suite)))
    assert len(suite) > 40
    assert f"{len(suite)} of {len(suite)} cases passed" in said.out
    gone = zwornik(*command)
    assert gone.complaint.startswith(f"the broker cannot be reached at {url}: ")


@pytest.mark.long
def test_a_vendor_tries_a_node(tmp_path: Path) -> None:
    key, port = key_in(tmp_path / "kit"), free_port()
    kit_is = {"PUP_BROKER_URL": f"http://127.0.0.1:{port}", "PUP_BROKER_THUMBPRINT": key.stem}
    env = member(tmp_path / "pup") | kit_is
    token = zwornik("token", "pup", "--subject", "kit", "--all-scopes", env=env).out.strip()
    fingerprint = zwornik("match-key", "fingerprint", tmp_path / "match-key.json").out.strip()
    url = f"http://127.0.0.1:{env['PUP_PORT']}"
    node = ("--key", key, "--match-key-fingerprint", fingerprint, "--port", port, "--data", tmp_path / "data")
    only = ("--only", "push-*", "--only", "mail-set-t*", "--only", "answer-un*", "--only", "calls-*")
    told: list[Said] = []
    command = ("conform", "--as", "broker", url, *node, *only)
    with served("pup", env, tmp_path):
        for _ in range(2):
            kit = Thread(target=lambda: told.append(process(*command, env={"ZWORNIK_TOKEN": token})))
            kit.start()
            while zwornik("institutions", "register", "pup", env=env).status and kit.is_alive():
                time.sleep(0.2)
            kit.join()
    assert [said.status for said in told] == [0, 0], "".join(said.out for said in told)
    assert all("pup-2478 is here" in said.out for said in told), "the kit remembers whom it approved"


@pytest.mark.parametrize(("role", "cases"), [("institution", FOR_A_BROKER), ("broker", FOR_AN_INSTITUTION)])
def test_the_cases_are_listed_without_running_any(role: str, cases: tuple[object, ...]) -> None:
    said = zwornik("conform", "--as", role, "--list")
    assert said.status == 0
    assert len(said.out.splitlines()) > len(cases)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "proof-typ"), "no case is named proof-typ"),
        ((), "name the kit's key with --key FILE"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments: tuple[str, ...], says: str) -> None:
    assert zwornik("conform", "--as", "institution", *arguments).complaint.startswith(says)


def test_one_case_that_fails_fails_the_run_and_is_told_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"section": "3. Proofs", "sent": "a proof of typ JWT", "expected": "4xx proof-type", "seconds": 0.5}
    passed = Outcome(name="proof-good", passed=True, came="200", **facts)
    failed = Outcome(name="proof-type", passed=False, came="200\x00 [bold]<ok>", **facts)

    async def found(*_: object) -> list[Outcome]:
        return [passed, failed]

    monkeypatch.setattr(trying, "try_broker", found)
    who = ("--key", key_in(tmp_path), "--id", "pup-2478", "--thumbprint", "A" * 43)
    said = zwornik("conform", "--as", "institution", "https://x", *who, "--junit", tmp_path / "junit.xml")
    assert said.status == 1
    told = said.out[said.out.index("FAIL proof-type") :]
    for words in ("section 3. Proofs", "a proof of typ JWT", "4xx proof-type", "[bold]<ok>", "1 of 2 cases passed"):
        assert words in told
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()[0]  # noqa: S314  (it was made here)
    assert suite.get("failures") == "1"
    assert [case.get("name") for case in suite if len(case)] == ["proof-type"]
    assert suite[1][0].get("message") == "200? [bold]<ok>"
