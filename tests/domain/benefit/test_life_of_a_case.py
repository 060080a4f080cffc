"""The life of a case with two issuers: any order and batching of what arrives ends in the same ledger.

A machine lets a labour office and a welfare centre record what they like, delivers it in batches of any size and
order between the two, assesses after each batch, lets an official decide, and keeps the books as broker and offices do.
In the end a second book-keeper, who is told everything at once and twice, must come to the same sums.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.assemble import Told, assemble
from shared.domain.benefit.ledger import Entry, Months, Sums, corrections, due, proposed
from shared.domain.benefit.result import Result, result_hash, result_json
from shared.domain.benefit.rule import work_out
from shared.domain.decision import Decision, Latest, Seen, require_decidable, standing_of
from shared.domain.errors import Conflict
from shared.domain.events.payloads import support

from .builders import OPS, PROPERTY, PUP

START = date(2026, 3, 1)
REGISTERED = Told(PUP, support.Registration(registration_id="0", from_=date(2024, 6, 1)))
wages = st.integers(0, 60).map(lambda tens: tens * 10_000)
sums_of_money = st.integers(0, 30).map(lambda tens: tens * 10_000)
days = st.integers(0, 500).map(lambda after: START + timedelta(days=after))


def key_of(told: Told) -> tuple[str, str]:
    """Return which record it is: an issuer's last word on a key is what counts."""
    payload = told.payload
    if isinstance(payload, support.Employed | support.EmploymentEnded):
        return told.iss, f"{payload.employment_id}:{payload.recorded}"
    return told.iss, str(getattr(payload, "benefit_id", "registration"))


def assessed(told: Sequence[Told]) -> Result | None:
    """Return what the records, the last word on each, make of the case."""
    last = {key_of(one): one for one in told}
    found = assemble(case_id="1", lead=PUP, told=[REGISTERED, *last.values()], known=True)
    return work_out(found.case).result if found.case else None


class Books:
    """Books that are only ever added to."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    @property
    def sums(self) -> Sums:
        found: Sums = {}
        for entry in self.entries:
            at = (entry.month, entry.institution)
            found[at] = found.get(at, 0) + entry.amount_gr
        return found

    def settle(self, granted: Months | None, newest: Months) -> list[Entry]:
        added = corrections(due=due(granted=granted, newest=newest), booked=self.sums)
        self.entries += added
        return added


class LifeOfACase(RuleBasedStateMachine):
    """One case: what each issuer recorded, how much of it has arrived, what was decided, and the books."""

    @initialize(wage=wages, at_pup=sums_of_money, at_ops=sums_of_money)
    def a_job_is_taken(self, wage: int, at_pup: int, at_ops: int) -> None:
        self.recorded: dict[str, list[Told]] = {PUP: [], OPS: []}
        self.arrived = {PUP: 0, OPS: 0}
        self.told: list[Told] = []
        self.books = Books()
        self.seen: list[Entry] = []
        self.months: dict[str, Months] = {}
        self.newest: Result | None = None
        self.decisions: list[Decision] = []
        self.counter = 0
        self.say(PUP, support.Benefit(benefit_id="p", code="PUP-ZAS", monthly_net=at_pup, from_=date(2025, 9, 1)))
        self.say(OPS, support.Benefit(benefit_id="o", code="OPS-ZOK", monthly_net=at_ops, from_=date(2025, 9, 1)))
        self.works(START, wage)

    def say(self, iss: str, payload: Any) -> None:
        self.recorded[iss].append(Told(iss, payload))

    def works(self, on: date, wage: int) -> None:
        self.counter += 1
        self.say(PUP, support.Employed(employment_id="j", recorded=self.counter, effective=on, net=wage))

    @rule(on=days, wage=wages)
    def the_wage_changes(self, on: date, wage: int) -> None:
        self.works(on, wage)

    @rule(on=days)
    def the_job_ends(self, on: date) -> None:
        self.counter += 1
        self.say(PUP, support.EmploymentEnded(employment_id="j", recorded=self.counter, effective=on))

    @rule(iss=st.sampled_from([PUP, OPS]), net=sums_of_money)
    def a_benefit_is_amended(self, iss: str, net: int) -> None:
        first = next(one.payload for one in self.recorded[iss] if isinstance(one.payload, support.Benefit))
        self.say(iss, replace(first, monthly_net=net))

    @rule(pup=st.integers(0, 4), ops=st.integers(0, 4), ops_first=st.booleans())
    def some_of_it_arrives(self, pup: int, ops: int, ops_first: bool) -> None:
        for iss, many in ((OPS, ops), (PUP, pup)) if ops_first else ((PUP, pup), (OPS, ops)):
            upto = self.arrived[iss] + many
            self.told += self.recorded[iss][self.arrived[iss] : upto]
            self.arrived[iss] = min(upto, len(self.recorded[iss]))
        self.assess()

    def assess(self) -> None:
        result = assessed(self.told)
        if result is None:
            return
        self.newest = result
        self.months[result_hash(result)] = result_json(result)["months"]  # type: ignore[assignment]
        self.settle()

    def settle(self) -> list[Entry]:
        return self.books.settle(self.granted, self.newest_months)

    @property
    def newest_months(self) -> Months:
        assert self.newest is not None
        return self.months[result_hash(self.newest)]

    @property
    def granted(self) -> Months | None:
        granted = standing_of(self.decisions).granted
        return self.months[granted.result_hash] if granted else None

    @precondition(lambda self: self.newest is not None)
    @rule(kind=st.sampled_from(["approved", "approved", "refused", "appealed", "upheld", "changed", "withdrawn"]))
    def an_official_decides(self, kind: str) -> None:
        digest = result_hash(self.newest)  # type: ignore[arg-type]
        standing = standing_of(self.decisions)
        on = (
            standing.decided
            if kind in ("appealed", "upheld", "withdrawn") and standing.decided
            else Seen(digest, digest)
        )
        decision = Decision(kind, on)
        try:
            require_decidable(
                standing, decision, Latest(Seen(digest, digest), True, 0, self.newest_months), self.granted
            )
        except Conflict:
            return
        self.decisions.append(decision)
        self.settle()

    @precondition(lambda self: self.newest is not None)
    @rule()
    def what_is_settled_again_adds_nothing(self) -> None:
        assert self.settle() == []

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def something_arrives_again(self, data: st.DataObject) -> None:
        """Deliver the last word on a record once more."""
        last = {key_of(one): one for one in self.told}
        self.told.append(data.draw(st.sampled_from(sorted(last.values(), key=key_of))))
        before = list(self.books.entries)
        self.assess()
        assert self.books.entries == before

    @invariant()
    def the_books_are_only_added_to(self) -> None:
        if hasattr(self, "books"):
            assert self.books.entries[: len(self.seen)] == self.seen
            assert all(entry.amount_gr for entry in self.books.entries)
            self.seen = list(self.books.entries)

    @invariant()
    def books_and_proposals_together_are_the_newest_schedule(self) -> None:
        if getattr(self, "newest", None) is None or self.granted is None:
            return
        lowering = proposed(granted=self.granted, newest=self.newest_months)
        told = sum(self.books.sums.values()) + sum(entry.amount_gr for entry in lowering)
        assert told == sum(month["amount_gr"] for month in self.newest_months)

    @invariant()
    def no_month_is_below_what_was_granted(self) -> None:
        if getattr(self, "newest", None) is None or self.granted is None:
            return
        for month in self.granted:
            stands = sum(gr for (name, _), gr in self.books.sums.items() if name == month["month"])
            assert stands >= month["amount_gr"]

    def teardown(self) -> None:
        """Let the rest arrive; who was told all at once, twice and in another order, has the same sums."""
        if not hasattr(self, "books"):
            return
        self.some_of_it_arrives(10_000, 10_000, False)
        everything = [*self.recorded[OPS], *self.recorded[PUP]]
        last = list({key_of(one): one for one in everything}.values())
        random.Random(7).shuffle(last)  # an order, no secret
        again = assessed([*last, *last])
        assert again == self.newest
        other = Books()
        if again is not None:
            other.settle(self.granted, result_json(again)["months"])  # type: ignore[arg-type]
        assert other.sums == {at: gr for at, gr in self.books.sums.items() if gr}


LifeOfACase.TestCase.settings = settings(PROPERTY, max_examples=500, stateful_step_count=30)
TestLifeOfACase = LifeOfACase.TestCase
