"""The nursery: a process that forks the services, starts anew those that die, and leaves none behind.

It is forked before anything else runs, holds no event loop and no threads, and obeys one line at a time over a pipe.
When that pipe closes, because the demo ended or died, it stops every service and ends itself; the services in turn
watch a pipe of the nursery, so that not even ``kill -9`` of either leaves a process behind.
"""

import gc
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_WAIT_S = 8.0
RESTART_PAUSE_S = 0.3


class NurseryDied(Exception):
    """The nursery was killed, and every service ended with it."""

    def __str__(self) -> str:
        return "the process that minds the services was killed"


@dataclass(frozen=True, slots=True)
class Service:
    """A service to run: ``run`` never returns; ``log`` takes what it prints."""

    name: str
    run: Callable[[], None]
    log: Path


class Nursery:
    """The demo's end of the pipe."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        commands, self._commands = os.pipe()
        self.answers, answers = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._commands)
            os.close(self.answers)
            _Keeper(services, commands, answers).keep()
            os._exit(0)
        os.close(commands)
        os.close(answers)
        self._reader = os.fdopen(self.answers)

    @property
    def has_died(self) -> bool:
        """Tell whether it was killed: it never speaks unasked, so what can be read then is the end of the pipe."""
        return bool(select.select([self.answers], [], [], 0)[0])

    def start(self, name: str) -> None:
        """Start a service; it is started anew whenever it dies."""
        self._say(f"start {name}")

    def stop(self, name: str) -> None:
        """Stop a service and let it rest."""
        self._say(f"stop {name}")

    def pids(self) -> dict[str, int]:
        """Return the process of each running service."""
        pairs = (pair.split("=") for pair in self._say("pids").split())
        return {name: int(pid) for name, pid in pairs}

    def close(self) -> None:
        """Stop every service and wait until all have gone."""
        os.close(self._commands)
        self._reader.close()
        os.waitpid(self.pid, 0)

    def _say(self, line: str) -> str:
        try:
            os.write(self._commands, f"{line}\n".encode())
            answer = self._reader.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise NurseryDied
        return answer.strip()


@dataclass
class _Keeper:
    """The nursery's own process."""

    services: Mapping[str, Service]
    commands: int
    answers: int
    running: dict[str, int] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)

    def keep(self) -> None:
        """Obey commands and mind the services until the pipe closes."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self.life, self._life_end = os.pipe()
        gc.collect()
        gc.freeze()  # the services share what was imported, as long as nobody's collector touches it
        buffer = b""
        while True:
            ready, _, _ = select.select([self.commands], [], [], 0.05)
            self._mind()
            if not ready:
                continue
            chunk = os.read(self.commands, 4096)
            if not chunk:
                break
            buffer += chunk
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                os.write(self.answers, f"{self._obey(line.decode())}\n".encode())
        self._stop(list(self.running))

    def _obey(self, line: str) -> str:
        word, _, name = line.partition(" ")
        if word == "start":
            self._start(name)
        elif word == "stop":
            self._stop([name])
        return " ".join(f"{one}={pid}" for one, pid in self.running.items())

    def _mind(self) -> None:
        """Note who died, and start them anew after a moment."""
        for name, pid in list(self.running.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self.running[name]
                self.due[name] = time.monotonic() + RESTART_PAUSE_S
        for name, at in list(self.due.items()):
            if at <= time.monotonic():
                self._start(name)

    def _start(self, name: str) -> None:
        self.due.pop(name, None)
        if name in self.running:
            return
        pid = os.fork()
        if pid == 0:
            os.close(self._life_end)
            os.close(self.commands)
            os.close(self.answers)
            _become(self.services[name], self.life)
        self.running[name] = pid
        self.services[name].log.with_suffix(".pid").write_text(f"{pid}\n")

    def _stop(self, names: list[str]) -> None:
        """Ask services to stop; who has not gone after a while is killed."""
        pids = {name: self.running.pop(name) for name in names if name in self.running}
        for name in names:
            self.due.pop(name, None)
            self.services[name].log.with_suffix(".pid").unlink(missing_ok=True)
        for pid in pids.values():
            os.kill(pid, signal.SIGTERM)
        ends = time.monotonic() + STOP_WAIT_S
        for pid in pids.values():
            while not os.waitpid(pid, os.WNOHANG)[0]:
                if time.monotonic() > ends:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    break
                time.sleep(0.02)


def _become(service: Service, life: int) -> None:
    """Run a service in this process, and end with it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    log = os.open(service.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.setsid()
    threading.Thread(target=_end_with, args=(life,), daemon=True).start()
    try:
        service.run()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _end_with(life: int) -> None:
    os.read(life, 1)
    os._exit(1)
