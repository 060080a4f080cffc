"""Institutions: registered by themselves, approved by the operator after comparing the thumbprint elsewhere."""

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.calling import answers_of, told
from services.cli.programs import Mendable, Office, office_settings_of
from shared.domain.desks import desks_of
from shared.exchange.client.broker import BrokerClient, Unreachable
from shared.exchange.client.local import LocalClient
from shared.exchange.directory import open_directory
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey, load_keys
from shared.exchange.match_key_file import load_match_key
from shared.exchange.member_keys import sign_introduction
from shared.exchange.registration import Registration, sign_registration
from shared.runtime.clock import SystemClock, unix
from shared.runtime.ids import SystemIds
from shared.runtime.settings import MemberSettings

app = typer.Typer(help="Institutions of the federation.", no_args_is_help=True)

BrokerUrl = Annotated[str, typer.Option(envvar="ZWORNIK_BROKER_URL", help="The broker's URL.")]
Token = Annotated[str, typer.Option(envvar="ZWORNIK_TOKEN", help="A bearer token of the operator.")]
_THUMBPRINTS_MAY_BEGIN_WITH_A_HYPHEN = {"ignore_unknown_options": True}
Id = Annotated[str, typer.Argument(help="Id of the institution, such as pup-2478.")]


@app.command("register")
def register(program: Office) -> None:
    """Register this institution, or its newest key; then tell the operator the thumbprint by another channel."""
    print(offer_newest(office_settings_of(program)))


def offer_newest(settings: MemberSettings) -> str:
    """Offer the newest key to the broker, introduced by the key that the directory carries; return what to tell.

    :raises Mendable: the broker cannot be reached, or refused it.
    """
    answer = _run(settings.broker_url, _register(settings))
    return f"{answer['id']} is {answer['state']}; thumbprint {answer['thumbprint']}"


@app.command("list")
def list_all(broker_url: BrokerUrl, token: Token) -> None:
    """List all institutions and the keys that wait for approval."""
    rows = ask(broker_url, token, "GET", "/v1/institutions")
    waiting = ask(broker_url, token, "GET", "/v1/institutions/waiting-keys")
    table = Table("id", "name", "state", "area")
    for row in rows:
        table.add_row(row["id"], row["name"], row["state"], " ".join(row["area"]))
    Console().print(table)
    if waiting:
        print("waiting for approval; compare each thumbprint by another channel:")
    for key in waiting:
        said = f"{key['name']}, serves {' '.join(key['area'])}, contact {key['contact'] or 'none'}"
        said += "; its current key introduced this one" if key["introduced"] else ""
        print(f"  {key['id']}  {key['thumbprint']}\n    says it is {said}")


@app.command("approve", context_settings=_THUMBPRINTS_MAY_BEGIN_WITH_A_HYPHEN)
def approve(
    institution: Id,
    thumbprint: Annotated[str, typer.Argument(help="The thumbprint as the institution told it.")],
    broker_url: BrokerUrl,
    token: Token,
) -> None:
    """Approve an institution or its new key, after comparing the thumbprint by another channel."""
    path = f"/v1/institutions/{institution}/approve"
    answer = ask(broker_url, token, "POST", path, {"thumbprint": thumbprint})
    print(f"{answer['id']} is {answer['state']}")


@app.command("reject", context_settings=_THUMBPRINTS_MAY_BEGIN_WITH_A_HYPHEN)
def reject(
    institution: Id,
    thumbprint: Annotated[str, typer.Argument(help="The thumbprint that is not the institution's.")],
    broker_url: BrokerUrl,
    token: Token,
) -> None:
    """Forget a key that waits for approval: the institution says that it is not its own."""
    path = f"/v1/institutions/{institution}/reject"
    ask(broker_url, token, "POST", path, {"thumbprint": thumbprint})
    print(f"the key {thumbprint} of {institution} is forgotten")


@app.command("revoke-key", context_settings=_THUMBPRINTS_MAY_BEGIN_WITH_A_HYPHEN)
def revoke_key(
    institution: Id,
    thumbprint: Annotated[str, typer.Argument(help="The thumbprint of the key that is no longer secret.")],
    since: Annotated[str, typer.Option(help="Since when, with its offset: 2026-11-28T06:30:00+01:00.")],
    broker_url: BrokerUrl,
    token: Token,
) -> None:
    """Believe a key no more since a moment: what the broker received under it from then on is set aside everywhere."""
    path = f"/v1/institutions/{institution}/keys/{thumbprint}/revoke"
    answer = ask(broker_url, token, "POST", path, {"compromised_since": since})
    print(f"the key {answer['thumbprint']} of {answer['id']} is revoked since {answer['compromised_since']}")
    print(f"set aside at the broker: {answer['set_aside']}")


@app.command("suspend")
def suspend(institution: Id, broker_url: BrokerUrl, token: Token) -> None:
    """Suspend an institution: the broker takes nothing from it and gives it nothing."""
    _change(institution, "suspend", broker_url, token)


@app.command("resume")
def resume(institution: Id, broker_url: BrokerUrl, token: Token) -> None:
    """Resume a suspended institution."""
    _change(institution, "resume", broker_url, token)


@app.command("retire")
def retire(institution: Id, broker_url: BrokerUrl, token: Token) -> None:
    """Retire an institution for good."""
    _change(institution, "retire", broker_url, token)


def _change(institution: str, state: str, broker_url: str, token: str) -> None:
    answer = ask(broker_url, token, "POST", f"/v1/institutions/{institution}/{state}")
    print(f"{answer['id']} is {answer['state']}")


async def _register(settings: MemberSettings) -> dict[str, Any]:
    keys = load_keys(settings.key_dir)
    if not keys:
        raise Mendable(f"{settings.key_dir} holds no key; make one with: zwornik keys generate {settings.key_dir}")
    clock, ids = SystemClock(), SystemIds()
    identity = Identity(settings.id, settings.federation, keys)
    client = BrokerClient(identity, settings.broker_url, clock, ids)
    try:
        introduction = await _introduction(client, settings, unix(clock.now()))
        statement = _statement(settings, keys[0], introduction, ids.uuid7(), unix(clock.now()))
        status, answer = await client.post_unsigned("/v1/institutions", {"statement": statement})
    finally:
        await client.close()
    if status >= 400:
        raise Mendable(f"the broker refused the registration: {told(answer)}")
    return dict(answer)


async def _introduction(client: BrokerClient, settings: MemberSettings, now: int) -> str | None:
    """Return the word of the key that the directory carries on the newest one; none if that is it, or none is carried.

    :raises UntrustedDirectory: the directory is not the pinned broker's.
    """
    newest = client.identity.keys[0]
    status, token, _ = await client.fetch("/v1/directory")
    if status != 200:
        raise Unreachable(f"the directory was answered with {status}")
    directory = open_directory(token, pinned=settings.broker_thumbprint, federation=settings.federation)
    listed = [key for key in client.identity.keys if directory.key_for(settings.id, key.kid, now)]
    if not listed or newest in listed:
        return None
    return sign_introduction(listed[0], iss=settings.id, federation=settings.federation, introduces=newest.kid, now=now)


def _statement(settings: MemberSettings, key: SigningKey, introduction: str | None, jti: str, now: int) -> str:
    registration = Registration(
        id=settings.id,
        federation=settings.federation,
        name=settings.name or settings.id,
        area=tuple(settings.area.split()),
        contact=settings.contact,
        desks=desks_of(settings.desks),
        key_fingerprint=load_match_key(settings.match_key_file).fingerprint,
        key=key.public,
        jti=jti,
        introduction=introduction,
    )
    return sign_registration(key, registration, now)


def ask(broker_url: str, token: str, method: str, path: str, body: Any = None) -> Any:
    """Call the broker as its operator.

    :raises Mendable: it cannot be reached, or refused.
    """

    async def call() -> Any:
        async with LocalClient(broker_url, token) as client:
            return await client.call(method, path, body)

    return _run(broker_url, call())


def _run(url: str, doing: Any) -> Any:
    with answers_of("the broker", url):
        return asyncio.run(doing)
