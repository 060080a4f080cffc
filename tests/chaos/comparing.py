"""Comparing what was acknowledged with what is there: at its source, at the broker, and at every other member."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx2
from sqlalchemy import make_url

from shared.domain.institutions import BROKER
from tests.chaos.stage import AREA, Stage
from tests.simulation.callers import Caller, Form
from tests.simulation.checks import HEAD, MAIL, ask, overtaken

_AT_BROKER = "SELECT incarnation, position, chain FROM stream WHERE owner = $1 AND peer = $2 ORDER BY id DESC LIMIT 1"
_NOT_TAKEN = "SELECT iss, position, problem FROM dead_letter WHERE state = 'open'"


@dataclass
class Compared:
    """What a comparison found; ``said`` is for people."""

    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    checkpoints_equal: bool = True
    said: list[str] = field(default_factory=list)


async def differences(stage: Stage) -> list[str]:
    """Return where the two ends of a stream are not equal, and what waits or is missed."""
    said = []
    target = make_url(stage.broker_url).set(drivername="postgresql").render_as_string(False)
    connection = await asyncpg.connect(target)
    try:
        if await connection.fetchval("SELECT count(*) FROM relay_note"):
            said.append("the broker has not relayed all")
        for office in AREA:
            for owner, peer in ((office, BROKER), (BROKER, office)):
                theirs = [tuple(row) for row in await connection.fetch(_AT_BROKER, owner, peer)]
                ours = ask(stage.file(office), HEAD, owner, peer)
                if ours != theirs:
                    said.append(f"stream {owner} > {peer}: {_position(ours)} here, {_position(theirs)} at the broker")
            if holes := ask(stage.file(office), "SELECT iss, n FROM hole"):
                said.append(f"{office} misses {holes}")
    finally:
        await connection.close()
    return said


def _position(head: list[tuple[Any, ...]]) -> Any:
    return head[0][1] if head else None


async def compared(stage: Stage, callers: Mapping[str, Caller], http: httpx2.AsyncClient) -> Compared:
    """Compare everything."""
    found = Compared(said=await differences(stage))
    found.checkpoints_equal = not found.said
    forms = [form for caller in callers.values() for form in caller.forms.values()]
    for office in AREA:
        _look_at_mail(stage, office, found)
        for person in AREA[office]:
            shown = await _view(stage, callers[office], person, http)
            about = [form for form in forms if form.person == person]
            found.lost += sum(_is_lost(found, office, form, shown.get((form.office, form.id))) for form in about)
            unknown = shown.keys() - {(form.office, form.id) for form in about}
            found.duplicated += len(unknown)
            found.said += [f"{office} shows {one}, which nobody acknowledged" for one in sorted(unknown)]
        for row in ask(stage.file(office), _NOT_TAKEN):
            found.said.append(f"{office} did not take {row}")
        for row in ask(stage.file(office), "SELECT * FROM stream_fork"):
            found.said.append(f"{office} has a fork: {row}")
    return found


def _look_at_mail(stage: Stage, office: str, found: Compared) -> None:
    mail = ask(stage.file(office), MAIL)
    found.duplicated += sum(times - 1 for times in Counter((iss, jti) for iss, jti, *_ in mail).values())
    found.out_of_order += sum(1 for _ in overtaken(mail))


def _is_lost(found: Compared, office: str, form: Form, shown: Mapping[str, Any] | None) -> bool:
    if shown is not None and (shown["until"] is None) == (form.closed_at is None):
        return False
    found.said.append(f"{office} has {shown} of {form}")
    return True


async def _view(
    stage: Stage, caller: Caller, person: int, http: httpx2.AsyncClient
) -> dict[tuple[str, str], dict[str, Any]]:
    office = stage.services[caller.machine.id]
    url = f"http://127.0.0.1:{office.port}/v1/clients/{caller.clients[person]}/merged-view"
    answer = await http.get(url, headers={"Authorization": f"Bearer {caller.token}"})
    return {(entry["iss"], entry["id"]): entry for entry in json.loads(answer.text)["entries"]}
