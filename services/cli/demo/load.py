"""Loading the pilot through the institutions' own APIs, in steps that each come to rest before the next begins.

The steps make the figures of the report the same on every run: what is written before a match is restated, what is
written after it travels as single events, and nothing depends on which of two processes was faster.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.demo.caller import Caller
from services.cli.demo.desk import Desk, has_late
from services.cli.demo.officials import Officials
from services.cli.demo.paying import Cashiers, months_to_pay
from services.cli.demo.people.institutions import desks
from services.cli.demo.people.person import Person
from shared.domain.desks import desks_of
from shared.domain.institutions import BROKER
from shared.exchange.client.local import Answered
from shared.exchange.registration import Registration, sign_registration
from shared.runtime.clock import SystemClock, unix
from shared.runtime.ids import SystemIds

LATE_OFFICE = "ops-1611073"
BUDGET = {"from_month": "2020-01", "until_month": "2035-12", "amount_gr": 9_000_000_000}
"""Enough for any pilot; without a budget an office grants nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the loading met on its way; ``report`` is what it did, ``paid_until`` the last month that was paid."""

    refused: list[dict[str, Any]]
    too_early: dict[str, Any] | None
    report: dict[str, Any]
    paid_until: str


@dataclass
class Loader:
    """Loads people into offices; ``rest`` waits until all has arrived, ``step`` says what happens now."""

    people: Sequence[Person]
    broker: Caller
    offices: dict[str, Caller]
    rest: Callable[..., Any]
    step: Callable[[str, int], None]
    done: Callable[[int], None]
    stop: Callable[[str], None]
    start: Callable[[str], None]
    too_early: dict[str, Any] | None = None
    desk: Desk = field(init=False)
    officials: Officials = field(init=False)
    cashiers: Cashiers = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.offices, self.done)
        self.officials = Officials(self.offices, self.desk.each, self.done)
        self.cashiers = Cashiers(self.offices, self.done)

    async def load(self, federation: str, fingerprint: str) -> Loaded:
        """Take the whole pilot through its life."""
        await self._approve(federation, fingerprint)
        await self._welfare_first()
        await self._labour_offices()
        await self._suspicions()
        await self._comes_back()
        await self._late_office()
        await self._jobs()
        recipients = [person for person in self.people if person.arm == "recipient" and person.job]
        months = months_to_pay()
        await self._grant(recipients)
        await self._pay("offices pay their lists, month by month", months[:-1])
        await self._late_news(recipients)
        await self._pay("offices pay on: arrears, deductions", months[-1:])
        self.step("each schedule is read with its reasons", len(recipients))
        await self.officials.read(recipients)
        report = {
            "decisions": self.officials.decisions,
            "explained": self.officials.explained,
            "payments": self.cashiers.paid,
        }
        return Loaded(
            refused=self.desk.refused,
            too_early=self.too_early,
            report=report,
            paid_until=months[-1] if months else "",
        )

    async def _approve(self, federation: str, fingerprint: str) -> None:
        """The operator approves each institution; then it is started, and finds itself in the directory."""
        self.step("starting the broker, approving 12 institutions", len(self.offices))
        self.start(BROKER)
        await self.broker.until_up()
        now = unix(SystemClock().now())
        for name, office in self.offices.items():
            place = office.place
            registration = Registration(
                id=name,
                federation=federation,
                name=place.name,
                area=place.area,
                contact=f"it@{name}.example",
                key_fingerprint=fingerprint,
                key=place.key.public,
                jti=SystemIds().uuid7(),
                desks=desks_of(desks(name)),
            )
            statement = sign_registration(place.key, registration, now)
            await self._registered(statement)
            await self.broker.post(f"/v1/institutions/{name}/approve", {"thumbprint": place.key.kid})
            self.done(1)
        self.step("starting the institutions, each a process of its own", len(self.offices))
        for name in self.offices:
            self.start(name)
            self.done(1)
        await asyncio.gather(*(office.until_up() for office in self.offices.values()))
        await self.rest()

    async def _registered(self, statement: str) -> None:
        try:
            await self.broker.post("/v1/institutions", {"statement": statement})
        except Answered as failure:
            if failure.name != "proof-replayed":  # the broker died after it had taken the statement
                raise

    async def _welfare_first(self) -> None:
        """Welfare centres hold all they have before any match: it will be restated."""
        at = {name: [p for p in self.people if name in p.ops] for name in self.offices if name.startswith("ops")}
        self.step("welfare centres: clients and 24 months of records", sum(map(len, at.values())))
        await asyncio.gather(*(self.desk.register(name, people) for name, people in at.items()))
        await asyncio.gather(*(self.desk.records(name, people) for name, people in at.items()))
        await self.rest()

    async def _labour_offices(self) -> None:
        """Labour offices register the same people, then record: it travels as single events."""
        at = {
            name: [p for p in self.people if p.pup == name and p.role != "late_ops"]
            for name in self.offices
            if name.startswith("pup")
        }
        self.step("labour offices: clients, matched by token", sum(map(len, at.values())))
        await asyncio.gather(*(self.desk.register(name, people) for name, people in at.items()))
        await self.rest()
        self.step("labour offices: 24 months of records", sum(map(len, at.values())))
        await asyncio.gather(*(self.desk.records(name, people) for name, people in at.items()))
        await self.rest()

    async def _suspicions(self) -> None:
        """Officials answer the two suspected matches: both sides confirm one, one side refuses the other."""
        pairs = [person for person in self.people if person.expected in ("confirmed", "refused")]
        self.step("officials answer suspected matches", len(pairs))
        for person in pairs:
            sides = [name for name in (person.pup, *person.ops) if name]
            if person.expected == "refused":
                await self.desk.answer(sides[0], person, "refuse", "other_person")
            else:
                for side in sides:
                    await self.desk.answer(side, person, "confirm", "same_person")
            self.done(1)
        await self.rest()

    async def _comes_back(self) -> None:
        """One person withdraws at the labour office and comes back."""
        for person in (person for person in self.people if person.role == "comes_back" and person.pup):
            self.step("one person withdraws and comes back", 2)
            office = self.offices[str(person.pup)]
            for verb in ("withdraw", "take-back"):
                await office.post(f"/v1/clients/{office.ids[person.pesel]}/{verb}")
                self.done(1)
                await self.rest()

    async def _late_office(self) -> None:
        """One welfare centre is offline while the labour office registers its client: nothing can be decided."""
        for person in (person for person in self.people if person.role == "late_ops" and person.pup):
            self.step("one welfare centre discloses late", 3)
            name = str(person.pup)
            self.stop(LATE_OFFICE)
            await self.desk.register(name, [person])
            await self.rest(offline=LATE_OFFICE)
            await self.desk.records(name, [person])
            await self.desk.start_jobs(name, [person])
            await self.rest(offline=LATE_OFFICE)
            self.done(1)
            self.too_early = await self.officials.decide_too_early(person)
            self.done(1)
            self.start(LATE_OFFICE)
            await self.rest()
            self.done(1)

    async def _jobs(self) -> None:
        """People take jobs; what is reported in time is known before the decision."""
        at: dict[str, list[Person]] = defaultdict(list)
        for person in self.people:
            if person.job and person.pup and person.role != "late_ops":
                at[person.pup].append(person)
        self.step("people take jobs; the broker assesses", sum(map(len, at.values())))
        await asyncio.gather(*(self.desk.start_jobs(name, people) for name, people in at.items()))
        await self.desk.news(self.people, late=False)
        await self.rest()

    async def _grant(self, recipients: Sequence[Person]) -> None:
        """Each office sets a budget; an official decides on each assessment, by the hash that was on the screen."""
        await asyncio.gather(*(office.post("/v1/budgets", BUDGET) for office in self.offices.values()))
        self.step("officials decide on the assessments", len(recipients))
        await self.officials.grant(recipients)
        await self.rest()

    async def _pay(self, text: str, months: Sequence[str]) -> None:
        self.step(text, len(months) * len(self.offices))
        await self.cashiers.pay(months)

    async def _late_news(self, recipients: Sequence[Person]) -> None:
        """What is reported late is decided on once the person was heard; some appeal, and one of them wins."""
        late = [person for person in recipients if has_late(person)]
        self.step("late news corrects what was decided", len(late))
        await self.desk.news(self.people, late=True)
        await self.rest()
        self.step("officials hear people and decide on corrections", len(late))
        await self.officials.correct(late)
        won = self.officials.wrongly_lowered(late)
        dismissed = [person for person in recipients if not has_late(person)][-1:]
        self.step("people appeal: one wins, one is dismissed", len(won) + len(dismissed))
        await self.officials.hear_appeals(won=won, dismissed=dismissed)
        await self.rest()
