"""Officials: what they decide on the degressive benefit, what becomes of it under appeal, and what they read of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.demo.caller import Caller
from services.cli.demo.people.person import Person
from shared.exchange.client.local import Answered
from shared.runtime.clock import SystemClock

_DECISIONS = ("granted", "taken_over", "left_undone", "appealed", "changed", "upheld")
_EXPLAINED = ("schedules", "months", "printed")
Each = Callable[[Sequence[Person], Callable[[Person], Awaitable[None]]], Awaitable[None]]


@dataclass
class Officials:
    """The officials of the labour offices; ``each`` does something for some people, ``done`` counts them.

    ``decisions`` counts what was decided, ``explained`` what was read with its reasons.
    """

    offices: Mapping[str, Caller]
    each: Each
    done: Callable[[int], None]
    decisions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_DECISIONS, 0))
    explained: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_EXPLAINED, 0))
    _lowered: set[str] = field(default_factory=set)

    async def decide_too_early(self, person: Person) -> dict[str, Any]:
        """Try to decide on a provisional assessment; return the problem that it is."""
        try:
            await self._approve(person, await self._benefit(person), "conditions_met")
        except Answered as failure:
            return failure.problem
        return {"detail": "a provisional assessment was decided"}

    async def grant(self, people: Sequence[Person]) -> None:
        """Approve the newest assessment of each, by the hash that is on the screen."""

        async def one(person: Person) -> None:
            await self._approve(person, await self._benefit(person), "conditions_met")
            self.decisions["granted"] += 1
            self.done(1)

        await self.each(people, one)

    async def correct(self, people: Sequence[Person]) -> None:
        """Decide on what late news changed, once the person was heard: of what is lowered, the third is left undone."""
        await self.each(people, self._look)
        undone = {person.pesel for person in self._with_less(people)[2:3]}

        async def one(person: Person) -> None:
            shown = await self._benefit(person)
            if person.pesel in undone:
                await self._post(person, "decision", _verdict(shown, "refused", "person_heard"))
                self.decisions["left_undone"] += 1
            elif shown["state"] == "corrected":
                await self._approve(person, shown, "late_news")
                self.decisions["taken_over"] += 1
            self.done(1)

        await self.each(people, one)

    def wrongly_lowered(self, people: Sequence[Person]) -> list[Person]:
        """Return whose appeal is to be won: the second of those who had less, if there is one."""
        return self._with_less(people)[1:2]

    async def hear_appeals(self, *, won: Sequence[Person], dismissed: Sequence[Person]) -> None:
        """Take appeals: one that is won brings back what was granted before, one that is dismissed changes nothing."""
        for person in won:
            before = (await self._benefit(person))["decisions"][0]["result_hash"]
            await self._appeal(person, {"outcome": "changed", "reason_code": "person_heard", "result_hash": before})
        for person in dismissed:
            await self._appeal(person, {"outcome": "upheld", "reason_code": "decision_right"})

    async def read(self, people: Sequence[Person]) -> None:
        """Read each schedule with the reason of every month, and the last decision as it is printed."""

        async def one(person: Person) -> None:
            shown = await self._benefit(person)
            last = next(one for one in reversed(shown["decisions"]) if one["decision"] != "appealed")
            printed = await self._office(person).get(f"{self._path(person)}/decisions/{last['id']}")
            reasons = [month["explanation"] for month in shown["months"]]
            self.explained["schedules"] += bool(shown["summary"] and reasons and all(reasons) and shown["recomputed"])
            self.explained["months"] += sum(map(bool, reasons))
            self.explained["printed"] += bool(printed["text"])
            self.done(1)

        await self.each(people, one)

    def _with_less(self, people: Sequence[Person]) -> list[Person]:
        """Return those of whom late news lowered something, in their order."""
        return [person for person in people if person.pesel in self._lowered]

    async def _look(self, person: Person) -> None:
        if (await self._benefit(person))["proposed"]:
            self._lowered.add(person.pesel)

    async def _appeal(self, person: Person, outcome: dict[str, str]) -> None:
        today = SystemClock().now().date().isoformat()
        await self._post(person, "appeal", {"lodged_on": today})
        self.decisions["appealed"] += 1
        await self._post(person, "appeal/outcome", outcome | {"decided_on": today})
        self.decisions[outcome["outcome"]] += 1
        self.done(1)

    async def _approve(self, person: Person, shown: Mapping[str, Any], reason: str) -> None:
        await self._post(person, "decision", _verdict(shown, "approved", reason))

    async def _benefit(self, person: Person) -> Any:
        return await self._office(person).get(self._path(person))

    async def _post(self, person: Person, what: str, body: Mapping[str, Any]) -> None:
        await self._office(person).post(f"{self._path(person)}/{what}", body)

    def _office(self, person: Person) -> Caller:
        return self.offices[str(person.pup)]

    def _path(self, person: Person) -> str:
        return f"/v1/clients/{self._office(person).ids[person.pesel]}/degressive-benefit"


def _verdict(shown: Mapping[str, Any], decision: str, reason: str) -> dict[str, Any]:
    return {"result_hash": shown["result_hash"], "decision": decision, "reason_code": reason}
