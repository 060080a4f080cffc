"""How the kit becomes an institution of the federation: it registers itself, and the operator approves it once."""

from services.cli.programs import Mendable
from shared.domain.errors import DomainError
from shared.domain.institutions import kind_of
from shared.exchange.client.broker import BrokerClient
from shared.exchange.directory import Directory, open_directory
from shared.exchange.keys import SigningKey
from shared.exchange.registration import Registration, sign_registration
from shared.runtime.clock import unix


async def join(client: BrokerClient, pinned: str) -> Directory:
    """Return the directory in which the kit is an active institution.

    :raises Mendable: the directory is not the pinned broker's, or the kit is not approved yet; it has then registered.
    """
    identity = client.identity
    _, token, _ = await client.fetch("/v1/directory")
    try:
        directory = open_directory(token, pinned=pinned, federation=identity.federation)
    except DomainError as failure:
        raise Mendable(f"{client.base_url}: {failure.detail} Compare --thumbprint and --federation.") from None
    own = directory.members.get(identity.id)
    if directory.key_for(identity.id, identity.keys[0].kid, unix(client.clock.now())) is None:
        raise Mendable(await _registered(client, directory))
    if own is None or own.state != "active":
        raise Mendable(f"{identity.id} is not active at this broker; its operator can resume it")
    return directory


async def _registered(client: BrokerClient, directory: Directory) -> str:
    """Register the kit; return what the operator is to do."""
    identity = client.identity
    statement = _statement(client, directory, identity.keys[0])
    status, answer = await client.post_unsigned("/v1/institutions", {"statement": statement})
    if status >= 400:
        raise Mendable(f"the broker refused the registration: {answer.get('detail', status)}")
    approve = f"zwornik institutions approve {identity.id} {identity.keys[0].kid}"
    return f"{identity.id} is registered and waits for approval; then run this again. At the broker: {approve}"


def _statement(client: BrokerClient, directory: Directory, key: SigningKey) -> str:
    identity = client.identity
    registration = Registration(
        id=identity.id,
        federation=identity.federation,
        name="Conformance kit",
        area=(_gmina(identity.id),),
        contact="",
        key_fingerprint=directory.match_keys.fingerprint or "0" * 16,
        key=key.public,
        jti=client.ids.uuid7(),
    )
    return sign_registration(key, registration, unix(client.clock.now()))


def _gmina(institution: str) -> str:
    """Return a gmina that an institution of this id may serve.

    >>> _gmina("ops-2478011"), _gmina("pup-2478")
    ('2478011', '2478011')
    """
    number = institution.rpartition("-")[2]
    return number if kind_of(institution) == "ops" else f"{number[:4]}011"
