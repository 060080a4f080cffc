"""The doctor: says what is wrong with a configuration, and how to mend it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.programs import Mendable, Program, settings_class, settings_of
from services.cli.running import ProgramArgument
from services.cli.schema import schema_of
from shared.exchange.client.local import LocalClient
from shared.exchange.directory import open_directory
from shared.exchange.keys import load_keys
from shared.exchange.match_key_file import load_match_key
from shared.runtime.clock import SystemClock
from shared.runtime.database.encryption import load_pii_keys
from shared.runtime.database.migrate import newest_revision
from shared.runtime.settings import MemberSettings, NodeSettings

MAX_SKEW_S = 60
_REGISTER = "zwornik institutions register, then ask the operator to approve the thumbprint"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; ``mend`` is empty where all is well."""

    what: str
    says: str
    mend: str = ""


def doctor(program: ProgramArgument) -> None:
    """Look a configuration over: settings, files, database, broker, clock. Exit status 1 if something is wrong."""
    findings = [_unknown_variables(program)]
    try:
        findings += asyncio.run(_looks(settings_of(program)))
    except Mendable as failure:
        findings.append(Finding("settings", "wrong", str(failure)))
    table = Table("what", "says", "how to mend it")
    for finding in findings:
        table.add_row(finding.what, finding.says, finding.mend, style="" if not finding.mend else "bold red")
    Console().print(table)
    if any(finding.mend for finding in findings):
        raise typer.Exit(1)


def _unknown_variables(program: Program) -> Finding:
    prefix = f"{program.upper()}_"
    known = {prefix + name.upper() for name in settings_class(program).model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(prefix) and name not in known)
    if unknown:
        return Finding("variables", f"unknown: {', '.join(unknown)}", "spell them as .env.example does, or unset them")
    return Finding("variables", f"all that begin with {prefix} are known")


async def _looks(settings: NodeSettings) -> Sequence[Finding]:
    looks: list[tuple[str, Callable[[Any], Awaitable[Finding]]]] = [("signing keys", _keys), ("database", _database)]
    if isinstance(settings, MemberSettings):
        looks += [("match key", _match_key), ("keys for personal data", _pii_keys), ("broker", _broker)]
    findings = []
    for what, look in looks:
        try:
            findings.append(await look(settings))
        except Exception as failure:  # a doctor reports whatever it meets
            findings.append(Finding(what, type(failure).__name__, str(failure) or "see the name of the failure"))
    return findings


async def _keys(settings: NodeSettings) -> Finding:
    keys = load_keys(settings.key_dir)
    if not keys:
        return Finding("signing keys", "none", f"zwornik keys generate {settings.key_dir}")
    return Finding("signing keys", f"{len(keys)}; the newest is {keys[0].kid}")


async def _database(settings: NodeSettings) -> Finding:
    section = "broker" if settings.id == "broker" else "pup" if settings.id.startswith("pup") else "ops"
    wanted = newest_revision(section)
    try:
        found = await schema_of(settings)
    except Mendable as failure:
        return Finding("database", str(failure), f"zwornik migrate {section}")
    if found != wanted:
        return Finding("database", f"schema {found}, the code wants {wanted}", f"zwornik migrate {section}")
    return Finding("database", f"schema {found}, the newest")


async def _match_key(settings: MemberSettings) -> Finding:
    return Finding("match key", f"fingerprint {load_match_key(settings.match_key_file).fingerprint}")


async def _pii_keys(settings: MemberSettings) -> Finding:
    return Finding("keys for personal data", f"current {load_pii_keys(Path(settings.pii_keys_file)).current}")


async def _broker(settings: MemberSettings) -> Finding:
    async with LocalClient(settings.broker_url) as client:
        token = await client.call("GET", "/v1/directory")
        date = await client.date_of("/healthz")
    directory = open_directory(str(token), pinned=settings.broker_thumbprint, federation=settings.federation)
    skew = (SystemClock().now() - parsedate_to_datetime(date).astimezone(UTC)).total_seconds() if date else 0
    if abs(skew) > MAX_SKEW_S:
        return Finding("broker", f"the clocks differ by {skew:.0f} s", "set this machine's clock, for example by NTP")
    fingerprint = load_match_key(settings.match_key_file).fingerprint
    if directory.key_fingerprint != fingerprint:
        says = f"the federation's match key is {directory.key_fingerprint}, ours is {fingerprint}"
        return Finding("broker", says, "get the current match key from the custodian: zwornik match-key import")
    own = directory.members.get(settings.id)
    if own is None:
        return Finding("broker", "it does not know this institution, or has not approved it yet", _REGISTER)
    if own.state != "active":
        return Finding("broker", f"this institution is {own.state}", "ask the operator of the broker")
    kids = {key.key.kid for key in own.keys}
    if not any(key.kid in kids for key in load_keys(settings.key_dir)):
        return Finding("broker", "none of our keys is in the directory", _REGISTER)
    at = datetime.fromtimestamp(directory.serial, UTC).isoformat()
    return Finding("broker", f"knows us; directory of {at}")
