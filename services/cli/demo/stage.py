"""The stage: folders, keys, databases, sockets and settings of the broker and of every institution."""

import os
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.lowlevel

from services.broker.main import create_app as create_broker_app
from services.broker.main import create_broker
from services.broker.settings import BrokerSettings
from services.cli.demo import databases
from services.cli.demo.nursery import Service
from services.cli.demo.people.institutions import PilotInstitution, desks, institutions
from services.cli.demo.people.person import Person
from services.cli.tokens import BROKER_SCOPES, MEMBER_SCOPES
from services.ops_api.main import OPS, OpsSettings
from services.pup_api.main import PUP, PupSettings
from shared.domain.institutions import BROKER
from shared.domain.pesel import Pesel
from shared.domain.token import MatchKey
from shared.exchange.keys import SigningKey, save_key
from shared.exchange.match_key_file import save_match_key
from shared.institution.app import create_app, create_node
from shared.runtime.bearer import issue_token
from shared.runtime.clock import SystemClock, unix
from shared.runtime.database.encryption import generate_pii_keys
from shared.runtime.logging import configure_logging
from shared.runtime.server import limits_of, serve
from shared.runtime.settings import MemberSettings, NodeSettings

FEDERATION = "pl-pilot"
TOKEN_HOURS = 24
POOL = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One service on the stage."""

    id: str
    name: str
    program: str
    url: str
    database_url: str
    key: SigningKey
    token: str
    socket: socket.socket
    area: tuple[str, ...] = ()


@dataclass
class Stage:
    """Everything the demo needs on disk and on the network, made anew each time."""

    folder: Path
    postgres: str | None
    people: Sequence[Person]
    places: dict[str, Place] = field(default_factory=dict)
    match_key: MatchKey = field(init=False)

    @property
    def broker(self) -> Place:
        """Return the broker's place."""
        return self.places[BROKER]

    @property
    def offices(self) -> list[Place]:
        """Return the institutions' places."""
        return [place for place in self.places.values() if place.id != BROKER]

    def build(self) -> None:
        """Make folders, keys, sockets and migrated databases."""
        anyio.run(anyio.lowlevel.checkpoint)  # imports the backend of the HTTP client here, for all forked services
        for name in [name for name in os.environ if name.startswith(("PUP_", "OPS_", "BROKER_"))]:
            del os.environ[name]  # the demo's services are told all by the demo alone
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.match_key = self._match_key()
        urls = databases.make(self.folder, self.postgres, [BROKER, *(one.id for one in institutions())])
        self._add(BROKER, "Zwornik", "broker", (), urls[BROKER])
        for one in institutions():
            self._add_office(one, urls[one.id])

    def services(self) -> dict[str, Service]:
        """Return every service, ready to be run by the nursery."""
        return {
            place.id: Service(place.id, lambda place=place: self._run(place), self.folder / f"{place.id}.log")  # type: ignore[misc]
            for place in self.places.values()
        }

    def _match_key(self) -> MatchKey:
        """Make the match key as a custodian would.

        The check on a surname is one byte, so 1 of 256 keys takes two surnames of one PESEL for one; the demo shows
        the usual outcome and draws until its own such pair is told apart.
        """
        key = MatchKey(epoch=1, secret=os.urandom(32))
        while any(_takes_for_one(key, person) for person in self.people):
            key = MatchKey(epoch=1, secret=os.urandom(32))
        save_match_key(self.folder / "custodian" / "match-key.json", key)
        return key

    def _add_office(self, one: PilotInstitution, url: str) -> None:
        program = "pup" if one.id.startswith("pup") else "ops"
        keys = self.folder / "keys" / one.id
        save_match_key(keys / "match-key.json", self.match_key)
        generate_pii_keys(keys / "pii.json")
        self._add(one.id, one.name, program, one.area, url)

    def _add(self, node_id: str, name: str, program: str, area: tuple[str, ...], database_url: str) -> None:
        key = SigningKey.generate()
        save_key(self.folder / "keys" / node_id / "signing", key)
        listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        port = listening.getsockname()[1]
        scopes = BROKER_SCOPES if node_id == BROKER else MEMBER_SCOPES
        issued = unix(SystemClock().now())
        self.places[node_id] = Place(
            id=node_id,
            name=name,
            program=program,
            url=f"http://127.0.0.1:{port}",
            database_url=database_url,
            key=key,
            token=issue_token(
                (key.kid, key.private),
                issuer=node_id,
                subject="demo",
                scopes=scopes,
                iat=issued,
                ttl_s=TOKEN_HOURS * 3600,
            ),
            socket=listening,
            area=area,
        )

    def _run(self, place: Place) -> None:
        """Serve one place in this process."""
        settings = self._settings(place)
        configure_logging(settings.log_level)
        if isinstance(settings, BrokerSettings):
            broker = create_broker(settings)
            app, on_exit = create_broker_app(broker), broker.bells.close
        else:
            assert isinstance(settings, MemberSettings)  # noqa: S101  # there are no others
            node = create_node(PUP if place.program == "pup" else OPS, settings)
            app, on_exit = create_app(node), node.bells.close
        listening = [place.socket]
        serve(app, host="127.0.0.1", port=0, on_exit=on_exit, sockets=listening, limits=limits_of(settings))

    def _settings(self, place: Place) -> NodeSettings:
        keys = self.folder / "keys" / place.id
        if place.id == BROKER:
            return BrokerSettings(
                federation=FEDERATION,
                database_url=place.database_url,
                database_pool=POOL,
                key_dir=keys / "signing",
                match_key_fingerprint=self.match_key.fingerprint,
                assess_interval_s=1,
            )
        kind = PupSettings if place.program == "pup" else OpsSettings
        return kind(
            id=place.id,
            federation=FEDERATION,
            database_url=place.database_url,
            database_pool=POOL,
            key_dir=keys / "signing",
            broker_url=self.broker.url,
            broker_thumbprint=self.broker.key.kid,
            match_key_file=keys / "match-key.json",
            pii_keys_file=keys / "pii.json",
            name=place.name,
            contact=f"it@{place.id}.example",
            desks=desks(place.id),
            area=" ".join(place.area),
            synthetic_people=True,
        )


def _takes_for_one(key: MatchKey, person: Person) -> bool:
    surnames = {person.surname_at.get(office, person.surname) for office in person.offices}
    if len(surnames) < 2:
        return False
    token = key.token(Pesel(person.pesel))
    return len({key.check(token, surname) for surname in surnames}) == 1
