"""The kit's broker, which is ours, behind a wire that can answer falsely; and the institution that the kit plays."""

from pathlib import Path

from sqlalchemy import select

from services.broker.main import create_app
from services.broker.node import Broker
from services.broker.operations import directory, register
from services.broker.settings import BrokerSettings
from services.broker.tables import InstitutionRow
from services.cli.conform.broker.wire import Wire
from services.cli.conform.institution.player import Player
from shared.domain.institutions import BROKER, WELFARE_KINDS, kind_of
from shared.exchange.client.broker import BrokerClient, Transport
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey
from shared.exchange.member_keys import sign_introduction
from shared.exchange.registration import Registration, sign_registration
from shared.runtime.clock import Clock, unix
from shared.runtime.database.engine import Database
from shared.runtime.ids import Ids

_NAME = "Conformance kit"


def create_stage(
    key: SigningKey, federation: str, fingerprint: str, url: str, clock: Clock, ids: Ids
) -> tuple[Broker, Wire]:
    """Return the kit's broker over a migrated database, and the wire before it."""
    settings = BrokerSettings(
        federation=federation,
        database_url=url,
        key_dir=Path("unused"),
        match_key_fingerprint=fingerprint,
        worker=True,
        log_level="ERROR",
    )
    identity = Identity(BROKER, federation, [key])
    broker = Broker(settings=settings, db=Database(url), clock=clock, ids=ids, identity=identity)
    return broker, Wire(create_app(broker), key, clock)


async def find_node(broker: Broker) -> str | None:
    """Return the institution under test, and approve it if it has just registered; ``None`` where nobody has."""
    async with broker.db.read() as session:
        offered = next(iter(await register.waiting(session)), None)
    if offered is not None:
        async with broker.db.write() as session:
            await register.approve(session, broker, offered.id, offered.key.kid)
        await directory.reload(broker)
    async with broker.db.read() as session:
        known = (InstitutionRow.id != BROKER, InstitutionRow.name != _NAME, InstitutionRow.state == "active")
        return await session.scalar(select(InstitutionRow.id).where(*known).order_by(InstitutionRow.id).limit(1))


async def play_neighbour(broker: Broker, node: str, url: str, transport: Transport | None = None) -> Player:
    """Return an institution of the other side whose clients match the node's; each run gives it a new key."""
    gmina = broker.directory.members[node].area[0]
    name = f"pup-{gmina[:4]}" if kind_of(node) in WELFARE_KINDS else f"ops-{gmina}"
    key = SigningKey.generate()
    await give_key(broker, name, gmina, key)
    identity = Identity(name, broker.identity.federation, [key])
    client = BrokerClient(identity, url, broker.clock, broker.ids, transport, broker.directory)
    return Player(identity, client, broker.directory, broker.key.kid)


async def give_key(broker: Broker, name: str, gmina: str, key: SigningKey, old: SigningKey | None = None) -> None:
    """Make a key the current one of an institution that the kit plays; the old one introduces it."""
    federation, now = broker.identity.federation, unix(broker.now)
    word = sign_introduction(old, iss=name, federation=federation, introduces=key.kid, now=now) if old else None
    registration = Registration(
        id=name,
        federation=federation,
        name=_NAME,
        area=(gmina,),
        contact="",
        key_fingerprint=broker.settings.match_key_fingerprint,
        key=key.public,
        jti=broker.ids.uuid7(),
        introduction=word,
    )
    async with broker.db.write() as session:
        statement = sign_registration(key, registration, now)
        await register.register(session, broker, statement)
        await register.approve(session, broker, name, key.kid)
    await directory.reload(broker)
