"""The desk: what officials and their systems write at the offices' own APIs, for some people at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.demo.caller import Caller
from services.cli.demo.people.parts import PARENT, with_parts
from services.cli.demo.people.person import Person, Planned

AT_ONCE = 4


@dataclass
class Desk:
    """Writes people into offices; ``done`` counts them, ``refused`` keeps what an office did not take."""

    offices: dict[str, Caller]
    done: Callable[[int], None]
    refused: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[str, str] = field(default_factory=dict)

    async def answer(self, name: str, person: Person, verdict: str, reason: str) -> None:
        """Answer the suspected match of a person at an office."""
        office = self.offices[name]
        client_id = office.ids[person.pesel]
        for suspicion in (await office.get("/v1/suspicions?limit=500"))["items"]:
            if suspicion["client_id"] == client_id:
                await office.post(f"/v1/suspicions/{suspicion['id']}/{verdict}", {"reason_code": reason})

    async def start_jobs(self, name: str, people: Sequence[Person]) -> None:
        """Record the jobs that people take."""
        office = self.offices[name]
        items = [{"client_id": office.ids[p.pesel], **p.job.start} for p in people if p.job]
        for person, answer in zip(people, await office.bulk("/v1/employments/bulk", items), strict=True):
            self.jobs[person.pesel] = answer["id"]
        self.done(len(people))

    async def news(self, people: Sequence[Person], *, late: bool) -> None:
        """Record what becomes of jobs: what is reported in time, or late."""

        async def tell(person: Person) -> None:
            for news in person.job.news if person.job else ():
                if news.late is late:
                    office = self.offices[str(person.pup)]
                    await office.post(f"/v1/employments/{self.jobs[person.pesel]}/{news.path}", news.body)
            if late and has_late(person):
                self.done(1)

        await self.each([person for person in people if person.job and person.job.news], tell)

    async def register(self, name: str, people: Sequence[Person]) -> None:
        """Register clients."""
        office = self.offices[name]
        answers = await office.bulk("/v1/clients/bulk", [person.client_body(name) for person in people])
        for person, answer in zip(people, answers, strict=True):
            if answer["status"] == 201:
                office.ids[person.pesel] = answer["id"]
            else:
                self.refused.append(answer["problem"] | {"institution": name})
        self.done(len(people))

    async def records(self, name: str, people: Sequence[Person]) -> None:
        """Record what people were given, then what belongs to it: a part names the id of its whole."""
        office = self.offices[name]
        planned: dict[str, list[tuple[dict[str, Any], Sequence[Planned]]]] = defaultdict(list)
        for person in people:
            whose = {"client_id": office.ids.get(person.pesel)}
            for record, parts in with_parts(person.records.get(name, ()) if whose["client_id"] else ()):
                planned[record.path].append((whose | record.body, parts))
        belonging: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for path, some in sorted(planned.items()):
            answers = await self._opened(name, path, [body for body, _ in some])
            for (body, parts), answer in zip(some, answers, strict=True):
                for part in parts if answer["status"] == 201 else ():
                    named = {"client_id": body["client_id"], PARENT[part.path]: answer["id"]}
                    belonging[part.path].append(named | part.body)
        for path, items in sorted(belonging.items()):
            await self._opened(name, path, items)

    async def _opened(self, name: str, path: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send records of one kind, and keep what was refused."""
        answers = await self.offices[name].bulk(f"/v1/{path}/bulk", items)
        self.refused += [one["problem"] | {"institution": name} for one in answers if one["status"] != 201]
        return answers

    async def each(self, people: Sequence[Person], do: Callable[[Person], Any]) -> None:
        """Do something for each person, a few at once at each office."""
        at: dict[str, list[Person]] = defaultdict(list)
        for number, person in enumerate(people):
            at[f"{person.pup}/{number % AT_ONCE}"].append(person)

        async def in_turn(some: Sequence[Person]) -> None:
            for person in some:
                await do(person)

        await asyncio.gather(*(in_turn(some) for some in at.values()))


def has_late(person: Person) -> bool:
    """Tell whether news of a person's job come after the decision."""
    return person.job is not None and any(news.late for news in person.job.news)
