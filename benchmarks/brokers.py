"""A broker in a process of its own, on the database and under the key that a benchmark's federation made.

It is served as the product serves it. A gate of the benchmark's own, and answers without a proof, can be given here
and nowhere else: no setting and no variable of a product's process turns proofs off.
"""

import asyncio
import socket
from dataclasses import dataclass, field
from pathlib import Path

from services.broker.main import create_app, create_broker
from services.broker.routes.proven import Admits
from services.broker.settings import BrokerSettings
from services.cli.demo.nursery import Service
from shared.exchange.client.broker import Unreachable
from shared.exchange.client.local import LocalClient
from shared.runtime.logging import configure_logging
from shared.runtime.server import serve
from tests.builders import FEDERATION, MATCH_KEY

NO_QUOTAS = {f"{what}_per_{window}": 1 << 60 for what in ("sets", "bytes", "reads") for window in ("minute", "day")}
"""What is measured is how fast a broker is, not how much it lets one institution ask."""


def _listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=512)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerProcess:
    """One broker to be measured; ``folder`` is the federation's, with the broker's key in it."""

    name: str
    folder: Path
    database_url: str
    worker: bool = True
    gate: Admits | None = None
    sign_answers: bool = True
    listener: socket.socket = field(default_factory=_listening)

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def service(self) -> Service:
        """Return it as what the nursery runs."""
        return Service(self.name, self._serve, self.folder / f"{self.name}.log")

    def _serve(self) -> None:
        settings = BrokerSettings(
            federation=FEDERATION,
            database_url=self.database_url,
            key_dir=self.folder / "broker" / "keys",
            match_key_fingerprint=MATCH_KEY.fingerprint,
            worker=self.worker,
            **NO_QUOTAS,
        )
        configure_logging(settings.log_level)
        broker = create_broker(settings)
        app = create_app(broker, gate=self.gate, sign_answers=self.sign_answers)
        serve(app, host="127.0.0.1", port=0, on_exit=broker.bells.close, sockets=[self.listener])


async def until_up(url: str) -> None:
    """Wait until a service answers.

    :raises TimeoutError: it does not within half a minute.
    """
    async with asyncio.timeout(30), LocalClient(url) as client:
        while True:
            try:
                await client.call("GET", "/healthz")
                return
            except Unreachable:
                await asyncio.sleep(0.05)
