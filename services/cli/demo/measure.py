"""Measuring the outcome at both ends of everything, from the services' own databases: no figure is taken on trust."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from services.broker.tables import AssessmentRow, CaseRow, MembershipRow, SuspicionRow
from services.cli.demo.people.people import Person
from services.cli.demo.stage import Place
from shared.domain.institutions import BROKER, kind_of
from shared.domain.pesel import Pesel
from shared.domain.token import MatchKey
from shared.exchange.history.tables import AuthorRow, HoleRow
from shared.exchange.stream.heads import all_heads
from shared.exchange.stream.letters import WAITING
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow, StreamRow
from shared.runtime.database.engine import Database

Stream = tuple[str, str]


@dataclass
class End:
    """What one service holds: its ends of streams, its counts of authors, and when SETs were written or arrived."""

    heads: dict[Stream, tuple[int, bytes]] = field(default_factory=dict)
    authors: dict[tuple[str, str], tuple[int, int | None]] = field(default_factory=dict)
    holes: int = 0
    dead_letters: int = 0
    disclosed: int = 0
    taken: int = 0
    written: dict[bytes, datetime] = field(default_factory=dict)
    arrived: dict[bytes, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The measured outcome: ``report`` is what is written to ``report.json``, all but the time it took."""

    report: dict[str, Any]


async def measure(places: Sequence[Place], people: Sequence[Person], match_key: MatchKey) -> Outcome:
    """Return the outcome of a run, measured at both ends."""
    offices = [place for place in places if place.id != BROKER]
    ends = {place.id: await _end(place) for place in places}
    broker = next(place for place in places if place.id == BROKER)
    members, benefits = await _members(broker), await _assessments(broker)
    expected = {_token(match_key, person) for person in people if person.expected in ("joint", "confirmed")}
    found = {token for token, names in members.items() if _is_joint(names)}
    latency = sorted(_latencies([ends[office.id] for office in offices]))
    return Outcome(
        {
            "institutions": len(offices),
            "people": {
                "total": len(people),
                "recipients": sum(person.arm == "recipient" for person in people),
                "comparison": sum(person.arm == "comparison" for person in people),
                "one_office": sum(person.expected == "one_office" for person in people),
            },
            "joint_clients": {"found": len(found), "expected": len(expected), "false": len(found - expected)},
            "suspected": await _suspected(broker),
            "events": {
                "disclosed": sum(ends[office.id].disclosed for office in offices),
                "relayed": ends[BROKER].taken,
                "applied": sum(ends[office.id].taken for office in offices),
                "dead_letters": sum(end.dead_letters for end in ends.values()),
                "lost": _lost(ends, members),
            },
            "checkpoints_equal": _checkpoints_equal(ends),
            "assessments": benefits,
            "latency_ms": {"p50": _quantile(latency, 50), "p99": _quantile(latency, 99)},
        }
    )


async def _end(place: Place) -> End:
    end, database = End(), Database(place.database_url)
    async with database.read() as session:
        end.heads = {(head.owner, head.peer): (head.position, head.chain) for head in await all_heads(session)}
        for author in await session.execute(select(AuthorRow.token, AuthorRow.iss, AuthorRow.n, AuthorRow.baseline_n)):
            end.authors[author.token, author.iss] = (author.n, author.baseline_n)
        end.holes = await session.scalar(select(func.count()).select_from(HoleRow)) or 0
        letters = select(func.count()).select_from(DeadLetterRow).where(DeadLetterRow.state.in_(WAITING))
        end.dead_letters = await session.scalar(letters) or 0
        own = select(SetRow.hash, SetRow.stored_at).where(SetRow.iss == place.id, SetRow.n.is_not(None))
        end.written = {row.hash: row.stored_at for row in await session.execute(own)}
        end.disclosed = len(end.written)
        mail = (
            select(EntryRow.hash, EntryRow.at)
            .join(StreamRow, StreamRow.id == EntryRow.stream_id)
            .where(StreamRow.owner == BROKER, EntryRow.iss != BROKER, EntryRow.state == "kept")
        )
        rows = (await session.execute(mail)).all()
        end.taken = len(rows)
        end.arrived = {row.hash: row.at for row in rows}
    await database.close()
    return end


async def _members(broker: Place) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    database = Database(broker.database_url)
    async with database.read() as session:
        present = select(MembershipRow.token, MembershipRow.institution).where(MembershipRow.present.is_(True))
        for row in await session.execute(present):
            members.setdefault(row.token, []).append(row.institution)
    await database.close()
    return members


async def _suspected(broker: Place) -> int:
    database = Database(broker.database_url)
    async with database.read() as session:
        count = await session.scalar(select(func.count()).select_from(SuspicionRow)) or 0
    await database.close()
    return count


async def _assessments(broker: Place) -> dict[str, int]:
    """Count cases with an assessment, with a decision, with a correction; add up the latest complete results."""
    database = Database(broker.database_url)
    async with database.read() as session:
        cases = list(await session.scalars(select(CaseRow).where(CaseRow.latest.is_not(None))))
        latest = select(AssessmentRow).where(AssessmentRow.id.in_([case.latest for case in cases]))
        results = {row.id: row for row in await session.scalars(latest)}
        corrected = select(AssessmentRow.case_id).where(AssessmentRow.kind == "corrected").distinct()
        corrections = len(list(await session.scalars(corrected)))
    await database.close()
    complete = [row for row in results.values() if row.complete]
    return {
        "made": len(cases),
        "decided": sum(case.state != "proposed" for case in cases),
        "corrected": corrections,
        "total_gr": sum(row.result["total_gr"] for row in complete),
    }


def _lost(ends: Mapping[str, End], members: Mapping[str, Sequence[str]]) -> int:
    """Count shared events that a present member should have and has not, and positions that differ between ends."""
    lost = sum(end.holes for end in ends.values())
    for token, names in members.items():
        for author in names:
            said = ends[author].authors.get((token, author), (0, None))[0]
            for reader in (*(name for name in names if name != author), BROKER):
                heard, baseline = ends[reader].authors.get((token, author), (0, None))
                lost += said - heard if baseline is not None else said
    for stream in {stream for end in ends.values() for stream in end.heads}:
        positions = [ends[name].heads.get(stream, (0, b""))[0] for name in stream]
        lost += abs(positions[0] - positions[1])
    return lost


def _checkpoints_equal(ends: Mapping[str, End]) -> bool:
    """Tell whether both ends of every stream have the same position and the same chain."""
    streams = {stream for end in ends.values() for stream in end.heads}
    return bool(streams) and all(_said(ends[stream[0]], stream) == _said(ends[stream[1]], stream) for stream in streams)


def _said(end: End, stream: Stream) -> tuple[int, bytes] | None:
    """Return the head of a stream on which something was said; before, it need not exist at its other end."""
    head = end.heads.get(stream)
    return head if head and head[0] else None


def _latencies(offices: Sequence[End]) -> Iterable[float]:
    """Yield milliseconds from each write at one office to its arrival at another."""
    written = {digest: at for office in offices for digest, at in office.written.items()}
    for office in offices:
        for digest, at in office.arrived.items():
            yield (at - written[digest]).total_seconds() * 1000


def _quantile(ordered: Sequence[float], percent: int) -> float | None:
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1) if ordered else None


def _is_joint(names: Sequence[str]) -> bool:
    return {kind_of(name) == "pup" for name in names} == {True, False}


def _token(match_key: MatchKey, person: Person) -> str:
    return match_key.token(Pesel(person.pesel))
