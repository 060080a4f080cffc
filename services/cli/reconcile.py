"""Reconciling on demand, and checking afterwards what was signed, with the directory alone."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from services.cli.calling import answers_of
from services.cli.programs import Mendable, Office, node_of, office_settings_of
from services.cli.schema import said_of
from services.cli.verifying import EvidenceWrong, Verified, verify_evidence
from shared.domain.institutions import OfficeProgram
from shared.exchange.client.local import LocalClient
from shared.institution.operations.exchange.evidence import evidence as gather
from shared.runtime.clock import SystemClock
from shared.runtime.settings import MemberSettings

LOOK_S = 1.0
BrokerUrl = Annotated[str, typer.Option(envvar="ZWORNIK_BROKER_URL", help="The broker's URL.")]


def reconcile(
    broker_url: BrokerUrl,
    token: Annotated[str, typer.Option(envvar="ZWORNIK_TOKEN", help="A bearer token of the operator: broker:redrive.")],
    institution: Annotated[str | None, typer.Option(help="One institution; all where missing.")] = None,
    wait_s: Annotated[int, typer.Option(help="How long to wait for the answers, in seconds.")] = 600,
) -> None:
    """Reconcile one institution or all now, and show how far each is. Cut short, the same command goes on.

    Exit status: 0, or 2 when an institution was silent or something is left that people must mend.
    """
    with answers_of("the broker", broker_url):
        runs = asyncio.run(_reconcile(broker_url, token, institution, wait_s))
    if any(run["state"] != "closed" or run["figures"].get("unmended") for run in runs):
        sys.exit(2)


def evidence(
    program: Office,
    target: Annotated[Path, typer.Argument(metavar="EVIDENCE.json", help="Where it goes; the file must be new.")],
) -> None:
    """Write what this office can prove: both streams, checkpoints, receipts, the last statement, the directory.

    It reads the office's own database, as its settings name it. The file names clients by tokens; its mode is 0600.
    """
    settings = office_settings_of(program)
    if target.exists():
        raise Mendable(f"{target} is there already; name a new file")
    held = asyncio.run(_evidence(program, settings))
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(held, file, ensure_ascii=False, separators=(",", ":"))
    print(f"{target}: " + ", ".join(f"{len(one['entries'])} entries of {one['owner']}" for one in held["streams"]))


def verify(
    source: Annotated[
        Path, typer.Argument(metavar="EVIDENCE.json", help="A file that evidence wrote.", dir_okay=False)
    ],
    thumbprint: Annotated[str, typer.Option(help="The broker's thumbprint, compared by another channel.")],
) -> None:
    """Check a file of evidence offline: every event, chain, checkpoint, receipt and the statement, by the directory."""
    try:
        evidence_file = json.loads(source.read_text("utf-8"))
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number without end, or nested without end
        raise Mendable(f"{source} is no JSON") from None
    try:
        verified = verify_evidence(evidence_file, thumbprint)
    except EvidenceWrong as wrong:
        print(f"wrong: {wrong}", file=sys.stderr)
        sys.exit(2)
    print(_said(verified))


async def _reconcile(url: str, token: str, institution: str | None, wait_s: int) -> list[dict[str, Any]]:
    clock = SystemClock()
    async with LocalClient(url, token) as client:
        opened = (await client.call("POST", "/v1/reconciliations", {"institution": institution}))["runs"]
        ends, shown = clock.monotonic() + wait_s, dict.fromkeys(opened, "")
        while True:
            runs = [await client.call("GET", f"/v1/reconciliations/{run}") for run in opened]
            for run in runs:
                if run["state"] != shown[run["id"]]:
                    shown[run["id"]] = run["state"]
                    print(_progress(run))
            if all(run["state"] in ("closed", "unanswered") for run in runs) or clock.monotonic() > ends:
                return runs
            await clock.sleep(LOOK_S)


async def _evidence(program: OfficeProgram, settings: MemberSettings) -> dict[str, Any]:
    node = node_of(program, settings)
    try:
        return await gather(node)
    except SQLAlchemyError as failure:
        raise Mendable(f"the database cannot be read: {said_of(failure)}") from None
    finally:
        await node.client.close()
        await node.db.close()


def _progress(run: dict[str, Any]) -> str:
    names = ("missing", "altered", "restated", "unmended")
    figures = ", ".join(f"{name} {run['figures'][name]}" for name in names if name in run["figures"])
    return f"{run['institution']}: {run['state']}" + (f" ({figures})" if figures else "")


def _said(verified: Verified) -> str:
    return (
        f"holds: {verified.events} events, {verified.erased} erased, {verified.checkpoints} checkpoints, "
        f"{verified.receipts} receipts, {'a statement' if verified.statement else 'no statement'}"
    )
