"""The stage: databases in which the offices are approved, and every service as a process that may be killed."""

import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.domain.institutions import BROKER
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from shared.runtime.database.migrate import migrate
from shared.runtime.settings import NodeSettings
from tests.builders import MEMBER_SCOPES, Federation, FixedClock
from tests.chaos.postgres import OwnPostgres, free_port
from tests.postgres import database_on, run_sql

ROOT = Path(__file__).parents[2]
AREA = {"pup-1611": (1, 2, 3, 4), "ops-1611012": (1, 2), "ops-1611053": (3, 4), "pup-2478": (5, 6)}
"""Four institutions, and the people whom each enrols; the second labour office shares nobody."""

REPLICAS = ("broker-1", "broker-2")
FULL_AT = 64 * 1024


@dataclass
class Service:
    """One service: its files, its process while it runs, and how often that ended by itself and was started again."""

    name: str
    program: str
    folder: Path
    settings: Mapping[str, Any]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0

    @property
    def port(self) -> int:
        return int(self.settings["port"])

    @property
    def clock(self) -> Path:
        return self.folder / f"{self.name}.clock"

    def start(self) -> None:
        told = self.folder / f"{self.name}.json"
        told.write_text(json.dumps({"program": self.program, "settings": self.settings, "clock": str(self.clock)}))
        if not self.clock.exists():
            self.clock.write_text("0")
        with (self.folder / f"{self.name}.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.node", str(told)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def start_again(self) -> None:
        """Start it if it ended by itself, as whoever runs services does: who starts without a database gives up."""
        if self.process is not None and self.process.poll() not in (None, -signal.SIGKILL):
            self.restarts += 1
            self.start()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def fill_disk(self) -> None:
        """Let no file of the process grow: a write beyond fails as on a full disk."""
        self._limit(FULL_AT)

    def empty_disk(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def set_clock(self, wrong_by_s: float) -> None:
        self.clock.write_text(f"{wrong_by_s:.3f}")

    def _limit(self, size: int) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@dataclass
class Stage:
    """Everything that runs."""

    folder: Path
    postgres: OwnPostgres
    services: dict[str, Service] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    broker_url: str = ""

    @classmethod
    def built(cls, folder: Path) -> "Stage":
        """Start PostgreSQL, migrate, register and approve."""
        postgres = OwnPostgres()
        postgres.start()
        stage = cls(folder, postgres)
        run_sql(postgres.url, "CREATE DATABASE broker")
        stage.broker_url = database_on(postgres.url, "broker")
        migrate("broker", stage.broker_url)
        for section in ("pup", "ops"):
            migrate(section, f"sqlite:///{folder / section}.empty")
        asyncio.run(stage._approve())
        return stage

    @property
    def offices(self) -> list[Service]:
        return [self.services[name] for name in AREA]

    def file(self, office: str) -> Path:
        return self.folder / f"{office}.sqlite3"

    async def _approve(self) -> None:
        names = iter(AREA)

        def make(section: str) -> str:
            if section == BROKER:
                return self.broker_url
            file = self.file(next(names))
            shutil.copy(self.folder / f"{section}.empty", file)
            return f"sqlite:///{file}"

        now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
        async with Federation(self.folder / "nodes", make, FixedClock(now)) as federation:
            for replica in REPLICAS:
                self._add(replica, BROKER, federation.broker.settings)
            for name in AREA:
                office = await federation.join(name)
                self._add(name, name.partition("-")[0], office.node.settings)
                key = office.node.identity.keys[0]
                self.tokens[name] = issue_token(
                    (key.kid, key.private),
                    issuer=name,
                    subject="systems",
                    scopes=MEMBER_SCOPES,
                    iat=unix(now) - 3600,
                    ttl_s=7 * 86400,
                )

    def _add(self, name: str, program: str, settings: NodeSettings) -> None:
        told = settings.model_dump(mode="json") | {"port": free_port(), "worker": True, "sqlite_synchronous": "FULL"}
        self.services[name] = Service(name, program, self.folder, told)

    def start(self, broker_port: int) -> None:
        """Start all services; offices reach the broker by a port."""
        for service in self.services.values():
            if service.program != BROKER:
                service.settings = {**service.settings, "broker_url": f"http://127.0.0.1:{broker_port}"}
            service.start()

    async def supervise(self) -> None:
        """Start again whatever ended by itself, for ever; what was killed is started by who killed it."""
        while True:
            for service in self.services.values():
                service.start_again()
            await asyncio.sleep(0.5)

    def stop(self) -> None:
        for service in self.services.values():
            service.signal(signal.SIGCONT)
            service.kill()
        self.postgres.throw_away()
