"""An institution as a value, and the node that runs it: what operations, routes and worker are given."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter

from shared.domain.disclosure import Policy
from shared.domain.institutions import BROKER, OfficeProgram
from shared.domain.token import MatchKey
from shared.exchange.client.broker import BrokerClient
from shared.exchange.identity import Identity
from shared.exchange.key_days import KeyWatch, key_days
from shared.exchange.keys import SigningKey
from shared.exchange.lanes import LaneState
from shared.exchange.stream.tables import ExchangeBase
from shared.exchange.trust import Trust
from shared.institution.between import BETWEEN_KINDS
from shared.institution.kinds import COMMON_KINDS, Proposed, RecordKind
from shared.institution.tables import EmploymentRow, InstitutionBase, RecordRow
from shared.runtime.clock import Clock, unix
from shared.runtime.database.encryption import PiiKeys
from shared.runtime.database.engine import Database, Session
from shared.runtime.database.together import Together
from shared.runtime.doorbell import Doorbells
from shared.runtime.ids import Ids
from shared.runtime.metrics import Metrics
from shared.runtime.settings import MemberSettings

COMMON_ROWS: Sequence[type[RecordRow]] = (*(kind.row for kind in (*COMMON_KINDS, *BETWEEN_KINDS)), EmploymentRow)
PUSH = "push"
POLL = "poll"
IMPORT = "import"
RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """Which institution a process is: PUP and OPS differ in this value alone.

    ``guards`` refuse a record of a row that its kind allows and other records of the office do not.
    """

    program: OfficeProgram
    title: str
    settings: type[MemberSettings]
    own_kinds: Sequence[RecordKind]
    own_routers: Sequence[APIRouter] = ()
    guards: "Mapping[type[RecordRow], Guard]" = field(default_factory=dict)

    @property
    def kinds(self) -> Sequence[RecordKind]:
        """Return all kinds of records it keeps, jobs apart."""
        return (*COMMON_KINDS, *BETWEEN_KINDS, *self.own_kinds)

    @property
    def kinds_told(self) -> Sequence[RecordKind]:
        """Return the kinds whose records may leave the office."""
        return [kind for kind in self.kinds if kind.leaves]

    def stands_alone(self, kind: RecordKind) -> bool:
        """Tell whether no other record of the office has a say in whether one of this kind may be opened."""
        return not (kind.single or kind.apart or kind.parent or kind.row in self.guards)

    def children_of(self, parent: RecordKind) -> Sequence[RecordKind]:
        """Return the kinds whose records belong to one of this kind."""
        return [kind for kind in self.kinds if kind.parent is parent]

    @property
    def tables(self) -> frozenset[str]:
        """Return the names of the tables it keeps: everybody's, and those of its own kinds."""
        own = {kind.row.__tablename__ for kind in self.own_kinds}
        rows = [mapper.class_ for mapper in InstitutionBase.registry.mappers]
        kept = {row.__tablename__ for row in rows if issubclass(row, RecordRow)}
        foreign = kept - {row.__tablename__ for row in COMMON_ROWS}
        return frozenset(ExchangeBase.metadata.tables) | (frozenset(InstitutionBase.metadata.tables) - foreign) | own


@dataclass
class Node:
    """One running institution.

    ``all_told``: when all clients were last seen to go by the match key in use, and the fingerprint of that.
    """

    institution: Institution
    settings: MemberSettings
    db: Database
    clock: Clock
    ids: Ids
    identity: Identity
    match_key: MatchKey
    next_match_key: MatchKey | None
    pii_keys: PiiKeys
    client: BrokerClient
    trust: Trust
    disclosure: Policy = field(default_factory=Policy)
    threads: bool = True
    metrics: Metrics = field(default_factory=Metrics)
    bells: Doorbells = field(default_factory=Doorbells)
    lanes: dict[str, LaneState] = field(default_factory=lambda: {PUSH: LaneState(), POLL: LaneState()})
    peer_position: int | None = None
    heads_compared: bool = False
    comparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    errors_told: int = 0
    known_serial: int = 0
    all_told: tuple[str, datetime] | None = None
    match_key_warnings: dict[str, str] = field(default_factory=dict)
    together: Together = field(init=False)
    key_watch: KeyWatch = field(init=False)

    def __post_init__(self) -> None:
        self.key_watch = KeyWatch(self.metrics)
        self.together = Together(self.db)

    def look_at_keys(self) -> None:
        """Warn of keys that end: the office's own, and the broker's."""
        if self.client.directory is not None:
            self.key_watch.look(key_days(self.client.directory, (self.id, BROKER), unix(self.now)))

    @property
    def id(self) -> str:
        """Return the institution's id."""
        return self.identity.id

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.clock.now()

    @property
    def key(self) -> SigningKey:
        """Return the key that signs now."""
        return self.identity.signing_key(self.client.directory, unix(self.now))


Guard = Callable[[Node, Session, Proposed], Awaitable[None]]
"""Looks at a record that is about to be opened, amended or closed, with its client locked."""
