"""The doctor: says what is wrong with a configuration, and how to mend it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import typer
from rich.console import Console

from services.cli.match_key_advice import match_key_advice
from services.cli.programs import Mendable, Program, settings_class, settings_of
from services.cli.running import ProgramArgument
from services.cli.schema import revision_of
from shared.domain.errors import DomainError
from shared.domain.institutions import OfficeProgram, kind_of
from shared.exchange.client.broker import InsecureUrl, Unreachable
from shared.exchange.client.local import Answered, LocalClient
from shared.exchange.directory import Directory, open_directory
from shared.exchange.issuer import issuer_keys
from shared.exchange.keys import load_keys
from shared.exchange.match_key_file import load_match_key
from shared.institution.policy import load_policy
from shared.runtime.clock import SystemClock
from shared.runtime.database.encryption import load_pii_keys
from shared.runtime.database.migrate import newest_revision
from shared.runtime.files import InsecureFile
from shared.runtime.settings import MemberSettings, NodeSettings

MAX_SKEW_S = 60
_REGISTER = "zwornik institutions register pup|ops, then tell the operator the thumbprint of {0} by another channel"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; ``mend`` is empty where all is well."""

    what: str
    says: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a configuration; ``mend`` is what helps where something is missing or is not what it must be."""

    what: str
    find: Callable[[Any], Awaitable[Finding]]
    mend: str


def doctor(program: ProgramArgument) -> None:
    """Look a configuration over: settings, files, database, broker, clock. Exit status 1 if something is wrong."""
    findings = [_unknown_variables(program)]
    try:
        findings += asyncio.run(_looks(program, settings_of(program)))
    except Mendable as failure:
        findings.append(Finding("settings", "wrong", str(failure)))
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    for finding in findings:
        console.print(f"{'WRONG' if finding.mend else 'well '}  {finding.what}: {finding.says}")
        if finding.mend:
            console.print(f"       {finding.mend}", style="bold")
    if any(finding.mend for finding in findings):
        raise typer.Exit(1)


def _unknown_variables(program: Program) -> Finding:
    prefix = f"{program.upper()}_"
    known = {prefix + name.upper() for name in settings_class(program).model_fields}
    unknown = sorted(name for name in os.environ if name.upper().startswith(prefix) and name.upper() not in known)
    if unknown:
        return Finding("variables", f"unknown: {', '.join(unknown)}", "spell them as .env.example does, or unset them")
    return Finding("variables", f"all that begin with {prefix} are known")


async def _looks(program: Program, settings: NodeSettings) -> Sequence[Finding]:
    prefix = f"{program.upper()}_"
    generate = f"zwornik keys generate {settings.key_dir}"
    looks = [Look("signing keys", _keys, generate), Look("database", partial(_database, program), "")]
    if settings.jwks_file is not None:
        looks.append(Look("issuer", _issuer, f"put the issuer's JWKS there, or correct {prefix}JWKS_FILE"))
    if isinstance(settings, MemberSettings):
        custodian = f"get it from the custodian: zwornik match-key import THEIR_FILE {settings.match_key_file}"
        new = (
            f"bring your copy back; where there are no clients yet: zwornik pii-keys generate {settings.pii_keys_file}"
        )
        thumbprint = (
            f"compare {prefix}BROKER_URL and {prefix}BROKER_THUMBPRINT with what the operator of the broker says"
        )
        looks += [
            Look("match key", _match_key, custodian),
            Look("keys for personal data", _pii_keys, new),
            Look("broker", _broker, thumbprint),
        ]
        if settings.disclosure_file is not None:
            looks.append(Look("disclosure policy", _policy, f"correct the file, or {prefix}DISCLOSURE_FILE"))
    return [await _found(look, settings) for look in looks]


async def _found(look: Look, settings: NodeSettings) -> Finding:
    try:
        return await look.find(settings)
    except InsecureFile as failure:
        return Finding(look.what, "others can read it", str(failure))
    except Mendable as failure:
        says, _, mend = str(failure).rpartition("; ")
        return Finding(look.what, says or mend, mend if says else look.mend)
    except DomainError as failure:
        return Finding(look.what, failure.detail, look.mend)
    except OSError as failure:
        return Finding(look.what, f"{failure.filename}: {failure.strerror}", look.mend)
    except Exception as failure:  # a doctor reports whatever it meets
        return Finding(look.what, type(failure).__name__, look.mend or "see the name of the failure")


async def _keys(settings: NodeSettings) -> Finding:
    keys = load_keys(settings.key_dir)
    if not keys:
        raise Mendable(f"{settings.key_dir} holds none")
    return Finding("signing keys", f"{len(keys)}; the newest is {keys[0].kid}")


async def _database(program: Program, settings: NodeSettings) -> Finding:
    found, wanted = await revision_of(program, settings.database_url), newest_revision(program)
    if found != wanted:
        raise Mendable(f"schema {found}, the code wants {wanted}; zwornik migrate {program}")
    return Finding("database", f"schema {found}, the newest")


async def _issuer(settings: NodeSettings) -> Finding:
    keys = issuer_keys(settings.jwks_file, tuple)()
    return Finding("issuer", f"{settings.issuer or settings.id}; {len(keys)} keys")


async def _match_key(settings: MemberSettings) -> Finding:
    return Finding("match key", f"fingerprint {load_match_key(settings.match_key_file).fingerprint}")


async def _pii_keys(settings: MemberSettings) -> Finding:
    return Finding("keys for personal data", f"current {load_pii_keys(settings.pii_keys_file).current}")


async def _policy(settings: MemberSettings) -> Finding:
    tightened = load_policy(settings.disclosure_file, kind_of(settings.id)).tightened
    return Finding("disclosure policy", f"tightens {len(tightened)} codes of the catalogue")


async def _broker(settings: MemberSettings) -> Finding:
    try:
        async with LocalClient(settings.broker_url) as client:
            token = await client.call("GET", "/v1/directory")
            date = await client.date_of("/healthz")
    except (Unreachable, Answered, InsecureUrl) as failure:
        mend = f"start it, or correct {settings.model_config['env_prefix']}BROKER_URL"
        return Finding("broker", f"{settings.broker_url} does not answer as a broker ({failure})", mend)
    directory = open_directory(str(token), pinned=settings.broker_thumbprint, federation=settings.federation)
    skew = (SystemClock().now() - parsedate_to_datetime(date).astimezone(UTC)).total_seconds() if date else 0
    if abs(skew) > MAX_SKEW_S:
        return Finding("broker", f"the clocks differ by {skew:.0f} s", "set this machine's clock, for example by NTP")
    return _standing(settings, directory) or Finding(
        "broker", f"knows us; directory of {datetime.fromtimestamp(directory.serial, UTC).isoformat()}"
    )


def _standing(settings: MemberSettings, directory: Directory) -> Finding | None:
    """Return what the directory says against this institution; a file that cannot be read is found elsewhere."""
    with suppress(OSError, InsecureFile, DomainError):
        office: OfficeProgram = "pup" if kind_of(settings.id) == "pup" else "ops"
        advice = match_key_advice(settings.match_key_file, office, directory.match_keys)
        if advice is not None:
            return Finding("broker", *advice)
    own = directory.members.get(settings.id)
    if own is None:
        return Finding("broker", "it does not know this institution", _REGISTER.format(settings.id))
    if own.state != "active":
        return Finding("broker", f"this institution is {own.state}", "ask the operator of the broker")
    with suppress(OSError, InsecureFile, DomainError):
        kids = {key.kid for key in load_keys(settings.key_dir)}
        if kids and kids.isdisjoint(key.key.kid for key in own.keys):
            return Finding("broker", "none of our keys is in the directory", _REGISTER.format(settings.id))
    return None
