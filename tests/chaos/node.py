"""One service as a process: ``python -m tests.chaos.node FILE``, under a clock that can be set wrong."""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.broker.main import create_app as create_broker_app
from services.broker.main import create_broker
from services.broker.settings import BrokerSettings
from services.ops_api.main import OPS, OpsSettings
from services.pup_api.main import PUP, PupSettings
from shared.institution.app import create_app, create_node
from shared.runtime.logging import configure_logging
from shared.runtime.server import serve


class SetClock:
    """The clock of the machine, wrong by as many seconds as a file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text() or 0))

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def main(file: Path) -> None:
    told = json.loads(file.read_text())
    clock = SetClock(Path(told["clock"]))
    configure_logging("WARNING")
    if told["program"] == "broker":
        broker = create_broker(BrokerSettings(**told["settings"]), clock)
        app, on_exit = create_broker_app(broker), broker.bells.close
    else:
        program, settings = (PUP, PupSettings) if told["program"] == "pup" else (OPS, OpsSettings)
        node = create_node(program, settings(**told["settings"]), clock)
        app, on_exit = create_app(node), node.bells.close
    serve(app, host="127.0.0.1", port=told["settings"]["port"], on_exit=on_exit)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
