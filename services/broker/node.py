"""The broker as a value: what its operations, routes and worker are given."""

from dataclasses import dataclass, field
from datetime import datetime

from services.broker.settings import BrokerSettings
from shared.domain.events.types import event_type
from shared.domain.institutions import BROKER
from shared.exchange.directory import Directory
from shared.exchange.identity import Identity
from shared.exchange.key_days import KeyWatch, key_days
from shared.exchange.keys import SigningKey
from shared.exchange.lanes import LaneState
from shared.exchange.match_keys import MatchKeys
from shared.exchange.sets import Draft, SignedSet, sign_set
from shared.runtime.clock import Clock, unix
from shared.runtime.database.engine import Database
from shared.runtime.doorbell import Doorbells
from shared.runtime.ids import Ids
from shared.runtime.metrics import Metrics

RELAY = "relay"
ASSESS = "assess"


@dataclass
class Broker:
    """One broker node."""

    settings: BrokerSettings
    db: Database
    clock: Clock
    ids: Ids
    identity: Identity
    threads: bool = True
    metrics: Metrics = field(default_factory=Metrics)
    bells: Doorbells = field(default_factory=Doorbells)
    lanes: dict[str, LaneState] = field(default_factory=lambda: {RELAY: LaneState(), ASSESS: LaneState()})
    turns: dict[int, int] = field(default_factory=dict)
    """When the relay of this process served each stream last, as a count of its steps."""

    directory: Directory = field(init=False)
    directory_token: str = ""
    key_watch: KeyWatch = field(init=False)
    untold: dict[str, str] = field(default_factory=dict)
    """Which offices still have clients to tell by the next match key, as warnings."""

    def __post_init__(self) -> None:
        self.key_watch = KeyWatch(self.metrics)
        self.directory = Directory(serial=0, federation=self.identity.federation, match_keys=MatchKeys(), members=())

    def look_at_keys(self) -> None:
        """Warn of keys that end: the broker's own, and those of who takes part."""
        owners = [one.id for one in self.directory.members.values() if one.state == "active"]
        self.key_watch.look(key_days(self.directory, owners, unix(self.now)))

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.clock.now()

    @property
    def key(self) -> SigningKey:
        """Return the key the broker signs with."""
        return self.identity.signing_key(self.directory, unix(self.now))

    def event(self, name: str, token: str, payload: object, at: datetime) -> SignedSet:
        """Sign an event of the broker's own."""
        draft = Draft(
            type=event_type(name), token=token, payload=payload, jti=self.ids.uuid7(), txn=self.ids.uuid7(), at=unix(at)
        )
        return sign_set(self.key, BROKER, self.identity.federation, draft)
