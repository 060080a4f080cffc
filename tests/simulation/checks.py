"""What must hold after every run: nothing acknowledged is lost, doubled or out of order, and both ends agree."""

import json
import sqlite3
from base64 import urlsafe_b64decode
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2

from shared.domain.institutions import BROKER
from tests.simulation.callers import Form
from tests.simulation.machines import Machine, ask
from tests.simulation.world import PEOPLE, SUSPECT, World, token_of

HEAD = "SELECT incarnation, position, chain FROM stream WHERE owner = ? AND peer = ? ORDER BY id DESC LIMIT 1"
_FORKS = "SELECT t.owner, f.position, f.ours, f.theirs FROM stream_fork f JOIN stream t ON t.id = f.stream_id"
MAIL = (
    "SELECT e.iss, s.jti, s.token, s.n, t.id, s.text FROM stream_entry e JOIN stream t ON t.id = e.stream_id "
    "JOIN set_bytes s ON s.iss = e.iss AND s.hash = e.hash "
    "WHERE t.owner = 'broker' AND e.state = 'kept' ORDER BY t.id, e.position"
)


MATCHED_TWICE = 2
"""A match, a parting and a second match make a third generation."""


def change(file: Path, sql: str) -> None:
    """Harm a machine's file: for the tests of these checks."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(sql)


def is_settled(world: World) -> bool:
    """Tell whether nothing is on its way any more: both ends of each stream are equal, nothing waits or is missed."""
    if not all(machine.is_up for machine in world.machines.values()):
        return False
    if ask(world.broker.file, "SELECT 1 FROM relay_note LIMIT 1"):
        return False
    return world.officials.are_done() and not any(_differences(world, office) for office in world.offices)


def _differences(world: World, office: Machine) -> list[str]:
    said = []
    for owner, peer in ((office.id, BROKER), (BROKER, office.id)):
        ours, theirs = ask(office.file, HEAD, owner, peer), ask(world.broker.file, HEAD, owner, peer)
        if ours != theirs:
            said.append(f"stream {owner} > {peer}: {_short(ours)} at the office, {_short(theirs)} at the broker")
    if holes := ask(office.file, "SELECT iss, n FROM hole"):
        said.append(f"{office.id} misses {holes}")
    return said


def _short(head: Sequence[tuple[Any, ...]]) -> str:
    return f"{head[0][1]} {head[0][2].hex()[:8]}" if head else "none"


async def wrongs(world: World) -> list[str]:
    """Return everything that does not hold."""
    said = list(world.network.failures)
    for office in world.offices:
        said += _differences(world, office)
        said += _out_of_order(office)
        said += await _unlike_what_was_written(world, office)
        said += _disclosed_too_early(world, office)
    said += await _answered_otherwise(world)
    for machine in world.machines.values():
        said += _erased_and_held(world, machine)
        said += _forks(world, machine)
        said += _dead_letters(machine)
    return said


def _forks(world: World, machine: Machine) -> Iterable[str]:
    """Return forks that nobody made: only an office that was restored and wrote too early has one."""
    for owner, *words in ask(machine.file, _FORKS):
        if owner not in world.forked:
            yield f"{machine.id} has a fork of {owner}: {words}"


def _dead_letters(machine: Machine) -> Iterable[str]:
    """Return what was not taken, and nobody can explain."""
    for iss, position, problem in ask(
        machine.file, "SELECT iss, position, problem FROM dead_letter WHERE state = 'open'"
    ):
        yield f"{machine.id} did not take {position} of {iss}: {problem}"


def _erased_and_held(world: World, machine: Machine) -> Iterable[str]:
    """Return what a machine still holds of records that their office erased."""
    erased = [form for caller in world.callers.values() for form in caller.forms.values() if form.erased_at is not None]
    if not erased:
        return
    held = " ".join(_payload(text) for (text,) in ask(machine.file, "SELECT text FROM set_bytes"))
    for form in erased:
        rows = ask(machine.file, "SELECT 1 FROM shared_record WHERE key = ?", form.id)
        if machine.id == form.office:
            rows += ask(machine.file, "SELECT 1 FROM support_form WHERE id = ?", form.id)
        if rows or form.id in held:
            yield f"{machine.id} still holds {form}"


async def _answered_otherwise(world: World) -> list[str]:
    """Return referrals whose answer does not stand once, and alike, at both ends."""
    said = []
    records = {form.id: form for caller in world.callers.values() for form in caller.forms.values()}
    for answer in [form for form in records.values() if form.answers and not form.lost]:
        referral = records.get(str(answer.answers))
        doubted = (answer.person, None) in world.callers[answer.office].doubted
        if referral is None or referral.lost or doubted or not world.is_joint(answer.person):
            continue
        for office, direction in ((referral.office, "made"), (answer.office, "received")):
            items = await world.callers[office].read(f"/v1/referral-exchanges?direction={direction}")
            found = [
                item["answer"] and item["answer"]["answer_id"] for item in items if item["referral_id"] == referral.id
            ]
            if found != [answer.id]:
                said.append(f"{office} shows {found} as the answer to {referral}, which is {answer.id}")
    return said


def _disclosed_too_early(world: World, office: Machine) -> Iterable[str]:
    """Return what an office or the broker was told of a person of whom one side has not confirmed who it is."""
    if world.is_joint(SUSPECT) or SUSPECT not in PEOPLE[office.id]:
        return
    token = token_of(SUSPECT)
    theirs = "SELECT iss, jti FROM set_bytes WHERE token = ? AND iss NOT IN ('broker', ?)"
    counted = "SELECT iss, jti FROM set_bytes WHERE token = ? AND n IS NOT NULL"
    for holder, told in (
        (office, ask(office.file, theirs, token, office.id)),
        (world.broker, ask(world.broker.file, counted, token)),
    ):
        if told:
            yield f"{holder.id} was told {told} of a person whom nobody has confirmed"
    if world.officials.forgetful == office.id and not world.officials.awaits(office):
        yield f"{office.id} can no longer answer who the person is"


def _out_of_order(office: Machine) -> Iterable[str]:
    """Return what came twice, and what came after its successor in one mailbox.

    A mailbox that a restored broker begins anew may bring what it had refused in the past that it lost.
    """
    mail = ask(office.file, MAIL)
    for (iss, jti), times in Counter((iss, jti) for iss, jti, *_ in mail).items():
        if times > 1:
            yield f"{office.id} took {iss} {jti} {times} times"
    for iss, n, after in overtaken(mail):
        yield f"{office.id} took number {n} of {iss} after {after}"


def overtaken(mail: Iterable[tuple[Any, ...]]) -> Iterable[tuple[str, int, int]]:
    """Yield what came after its successor in one mailbox: its author, its number and the one before it.

    A word of erasure may: a restored broker mails it again to whom it had forgotten.
    """
    last: dict[tuple[str, str, int], int] = defaultdict(int)
    for iss, _, token, n, mailbox, text in mail:
        before = last[iss, token, mailbox]
        if n is not None and n <= before and "set.erased" not in _payload(text):
            yield iss, n, before
        last[iss, token, mailbox] = max(before, n or 0)


async def _unlike_what_was_written(world: World, office: Machine) -> list[str]:
    """Compare the merged view of each client with what the offices acknowledged about the person."""
    said = []
    left = _left(world)
    for person in PEOPLE[office.id]:
        shown = await _view(world, office, person)
        forms = {f.id: f for caller in world.callers.values() for f in caller.forms.values() if f.person == person}
        told = [form for form in forms.values() if form.office == office.id or world.is_joint(person)]
        for form in told:
            if form.unsure or form.erased_at is not None:
                if form.erased_at is not None and (form.office, form.id) in shown:
                    said.append(f"{office.id} shows {form}")
                continue
            if not form.lost or (form.id, "opened") in left:
                said += _unlike(world, office, form, shown.get((form.office, form.id)), left)
        doubted = Counter((name, code) for name, c in world.callers.items() for who, code in c.doubted if who == person)
        for iss, record in sorted(shown.keys() - {(form.office, form.id) for form in told}):
            doubted[iss, shown[iss, record]["code"]] -= 1
            if doubted[iss, shown[iss, record]["code"]] >= 0:
                continue
            said.append(f"{office.id} shows {record} of {iss}, which nobody acknowledged")
    return said


def _unlike(
    world: World, office: Machine, form: Form, shown: dict[str, Any] | None, left: set[tuple[str, str]]
) -> Iterable[str]:
    if shown is None:
        yield f"{office.id} lacks {form}"
        return
    if shown["code"] != form.code:
        yield f"{office.id} shows another code of {form}"
    closed_here = form.closed_at is not None
    if form.close_undone or form.close_unsure or (form.close_lost and _told_anew_since(world, form)):
        return
    if form.close_lost and (form.office == office.id or (form.id, "closed") not in left):
        return
    if (shown["until"] is not None) != closed_here:
        yield f"{office.id} shows {shown['until']} as the end of {form}"


def _told_anew_since(world: World, form: Form) -> bool:
    """Tell whether a form's office told anew, from its rows, after the form was closed (decision 39).

    It does when members changed, and when it erased another record of the person. An office that was restored may
    bring a parting and a return of long ago only now; the broker counts what it told.
    """
    others = world.callers[form.office].forms.values()
    if any(one.erased_at is not None and one.person == form.person for one in others):
        return True
    returned = [caller.returned_at.get(form.person, 0.0) for caller in world.callers.values()]
    told = ask(world.broker.file, "SELECT generation FROM person WHERE token = ?", token_of(form.person))
    met_twice = bool(told) and told[0][0] > MATCHED_TWICE
    return form.closed_at is not None and (max(returned) > form.closed_at or met_twice)


async def _view(world: World, office: Machine, person: int) -> dict[tuple[str, str], dict[str, Any]]:
    caller = world.callers[office.id]
    request = httpx2.Request(
        "GET",
        f"http://{office.id}/v1/clients/{caller.clients[person]}/merged-view",
        headers={"Authorization": f"Bearer {caller.token}"},
    )
    answer = await office.run(office.serve(request))
    view = json.loads(await answer.aread())
    return {(entry["iss"], entry["id"]): entry for entry in view["entries"]}


def _left(world: World) -> set[tuple[str, str]]:
    """Return which openings and closings of forms reached the broker, alone or within a restatement."""
    reached = set()
    for (text,) in ask(world.broker.file, "SELECT text FROM set_bytes WHERE iss <> 'broker'"):
        claims = json.loads(_payload(text))
        for urn, event in claims["events"].items():
            told = event.get("records", [{"type": urn, "payload": event}])
            for record in told:
                if "form_id" in record["payload"]:
                    kind = record["type"].removeprefix("urn:zwornik:event:").split(".")[1]
                    ended = record["payload"].get("until") is not None
                    reached |= {(record["payload"]["form_id"], "closed" if ended else kind)}
                    reached |= {(record["payload"]["form_id"], "opened")}
    return reached


def _payload(text: str) -> str:
    payload = text.split(".")[1]
    return urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
