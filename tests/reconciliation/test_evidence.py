"""Evidence is checked offline; whatever is changed in it is named."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.cli.verifying import EvidenceWrong, verify_evidence
from shared.institution.operations.exchange.evidence import evidence
from tests.builders import Federation
from tests.federation.test_a_stolen_key import refresh, revoke
from tests.federation.test_keys_change import rotate
from tests.reconciliation.damages import told

pytestmark = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)


def _drop(held: Any) -> None:
    del held["streams"][0]["entries"][2]


def _swap(held: Any) -> None:
    entries = held["streams"][1]["entries"]
    entries[0], entries[1] = entries[1], entries[0]


def _spoil(held: Any) -> None:
    text = held["streams"][0]["entries"][1]
    held["streams"][0]["entries"][1] = text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1]


def _shorten(held: Any) -> None:
    held["streams"][0]["entries"].pop()
    held["streams"][0]["position"] -= 1


def _other_answer(held: Any) -> None:
    held["answer"] = held["streams"][0]["entries"][0]


def _other_receipt(held: Any) -> None:
    receipts = held["streams"][0]["receipts"]
    receipts[0]["receipt"] = receipts[-1]["receipt"]


def _no_directory(held: Any) -> None:
    del held["directory"]


CHANGES: tuple[tuple[Callable[[Any], None], str], ...] = (
    (_drop, "receipt|checkpoint"),
    (_swap, "checkpoint"),
    (_spoil, "position 2 of pup-2478"),
    (_shorten, "checkpoint"),
    (_other_answer, "another answer"),
    (_other_receipt, "receipt at position"),
    (_no_directory, "not of its form"),
)


async def test_evidence_holds_as_it_is_and_every_change_is_named(federation: Federation, tmp_path: Path) -> None:
    pup, _, _, _ = await told(federation)
    await federation.reconcile(pup.id)
    held = json.loads(json.dumps(await evidence(pup.node)))
    thumbprint = federation.broker.identity.keys[0].kid
    verified = verify_evidence(held, thumbprint)
    assert verified.events == sum(len(stream["entries"]) for stream in held["streams"]) > 20
    assert (verified.checkpoints, verified.statement) == (2, True)
    assert verified.receipts >= 3
    for change, said in CHANGES:
        changed = copy.deepcopy(held)
        change(changed)
        with pytest.raises(EvidenceWrong, match=said):
            verify_evidence(changed, thumbprint)
    with pytest.raises(EvidenceWrong, match="pinned"):
        verify_evidence(held, pup.node.identity.keys[0].kid)
    file = tmp_path / "evidence.json"
    file.write_text(json.dumps(held))
    shown = CliRunner().invoke(app, ["verify", str(file), "--thumbprint", thumbprint])
    assert (shown.exit_code, shown.output.split(":")[0]) == (0, "holds")
    _spoil(held)
    file.write_text(json.dumps(held))
    shown = CliRunner().invoke(app, ["verify", str(file), "--thumbprint", thumbprint])
    assert shown.exit_code == 2
    assert "position 2 of pup-2478" in shown.output


async def test_what_a_stolen_key_signed_before_the_theft_is_evidence_still(federation: Federation) -> None:
    pup, _, _, _ = await told(federation)
    await federation.reconcile(pup.id)
    thumbprint = federation.broker.identity.keys[0].kid
    old = pup.node.key.kid
    federation.clock.go(100)
    await rotate(federation, pup)
    answered = await revoke(federation, pup, 50, kid=old)
    assert answered["set_aside"] == 0
    federation.clock.go(5)
    await pup.node.trust.refresh(unknown_key=True)
    before = verify_evidence(json.loads(json.dumps(await evidence(pup.node))), thumbprint)
    assert (before.checkpoints, before.statement) == (2, True)
    await revoke(federation, pup, 10_000, kid=old)
    federation.clock.go(5)
    await pup.node.trust.refresh(unknown_key=True)
    held = json.loads(json.dumps(await evidence(pup.node)))
    with pytest.raises(EvidenceWrong, match="position 1 of pup-2478"):
        verify_evidence(held, thumbprint)


async def test_what_another_office_signed_before_its_key_was_stolen_is_evidence_by_the_brokers_word(
    federation: Federation,
) -> None:
    pup, ops, _, _ = await told(federation)
    thumbprint = federation.broker.identity.keys[0].kid
    old = ops.node.key.kid
    federation.clock.go(100)
    await rotate(federation, ops)
    assert (await revoke(federation, ops, 50, kid=old))["set_aside"] == 0
    await refresh(federation, pup)
    held = json.loads(json.dumps(await evidence(pup.node)))
    own, mailbox = held["streams"]
    assert (own["words"], len(mailbox["words"])) == ([], 1)
    verified = verify_evidence(held, thumbprint)
    assert verified.events == len(own["entries"]) + len(mailbox["entries"])
    unsaid = copy.deepcopy(held)
    unsaid["streams"][1]["words"] = []
    with pytest.raises(EvidenceWrong, match=r"position \d+ of broker"):
        verify_evidence(unsaid, thumbprint)
    for member, said in (("body", "content_digest"), ("jti", "req_jti"), ("proof", "")):
        changed = copy.deepcopy(held)
        [word] = changed["streams"][1]["words"]
        word[member] = word[member].replace("1", "2") if member == "body" else word[member][:-1] + "x"
        with pytest.raises(EvidenceWrong, match=f"when it received events: .*{said}"):
            verify_evidence(changed, thumbprint)
    moved = copy.deepcopy(held)
    moved["streams"][1]["entries"].reverse()
    with pytest.raises(EvidenceWrong, match="another event"):
        verify_evidence(moved, thumbprint)


async def test_what_another_office_signed_after_its_key_was_stolen_is_no_evidence(federation: Federation) -> None:
    pup, ops, _, _ = await told(federation)
    thumbprint = federation.broker.identity.keys[0].kid
    old = ops.node.key.kid
    before = await evidence(pup.node)
    federation.clock.go(100)
    await rotate(federation, ops)
    await revoke(federation, ops, 10_000, kid=old)
    await refresh(federation, pup)
    held = json.loads(json.dumps(await evidence(pup.node)))
    _, mailbox = held["streams"]
    aside = [at for at, entry in enumerate(mailbox["entries"]) if not isinstance(entry, str)]
    assert aside, "what was set aside is a hash"
    assert verify_evidence(held, thumbprint).erased == len(aside)
    for at in aside:
        mailbox["entries"][at] = before["streams"][1]["entries"][at]
    with pytest.raises(EvidenceWrong, match=f"position {aside[0] + 1} of broker"):
        verify_evidence(held, thumbprint)
