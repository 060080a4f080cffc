"""The life of a case with two issuers: any order and batching of what arrives ends in the same ledger.

A machine lets a labour office and a welfare centre record what they like. Two book-keepers, as broker and office are,
get the records in batches of their own: any of them, from either issuer, in any order, some of them again. Each
assesses after each batch and keeps its books by the functions that both programs keep theirs by; an official decides
meanwhile. Once both have everything, their schedules and their sums must be one.

Of two words on one record the one with the higher count of its issuer stands, as ``shared.exchange.history`` has it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.assemble import Told, assemble
from shared.domain.benefit.ledger import Entry, Months, Sums, corrections, due, proposed, sums
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


class Keeper:
    """One who is told of records, assesses the case, and keeps books that are only ever added to."""

    def __init__(self) -> None:
        self.held: dict[int, Told] = {}
        self.entries: list[Entry] = []
        self.newest: Result | None = None

    @property
    def sums(self) -> Sums:
        return {at: gr for at, gr in sums(self.entries).items() if gr}

    @property
    def months(self) -> Months:
        assert self.newest is not None
        return result_json(self.newest)["months"]  # type: ignore[return-value]

    def take(self, arriving: Iterable[tuple[int, Told]]) -> None:
        for count, told in arriving:
            self.held[count] = told
        latest: dict[tuple[str, str], int] = {}
        for count, told in self.held.items():
            latest[key_of(told)] = max(count, latest.get(key_of(told), count))
        known = [REGISTERED, *(self.held[count] for count in latest.values())]
        found = assemble(case_id="1", lead=PUP, told=known, known=True)
        self.newest = work_out(found.case).result if found.case else self.newest

    def settle(self, granted: Months | None) -> list[Entry]:
        if self.newest is None:
            return []
        added = corrections(due=due(granted=granted, newest=self.months), booked=sums(self.entries))
        self.entries += added
        return added


class LifeOfACase(RuleBasedStateMachine):
    """One case: what was recorded, what of it each book-keeper has, what was decided, and the books."""

    @initialize(wage=wages, at_pup=sums_of_money, at_ops=sums_of_money)
    def a_job_is_taken(self, wage: int, at_pup: int, at_ops: int) -> None:
        self.recorded: list[Told] = []
        self.keepers = (Keeper(), Keeper())
        self.seen: list[list[Entry]] = [[], []]
        self.published: dict[str, Months] = {}
        self.decisions: list[Decision] = []
        self.counter = 0
        self.say(PUP, support.Benefit(benefit_id="p", code="PUP-ZAS", monthly_net=at_pup, from_=date(2025, 9, 1)))
        self.say(OPS, support.Benefit(benefit_id="o", code="OPS-ZOK", monthly_net=at_ops, from_=date(2025, 9, 1)))
        self.works(START, wage)

    def say(self, iss: str, payload: Any) -> None:
        self.recorded.append(Told(iss, payload))

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
        mine = (one.payload for one in self.recorded if one.iss == iss)
        first = next(payload for payload in mine if isinstance(payload, support.Benefit))
        self.say(iss, replace(first, monthly_net=net))

    @rule(which=st.sampled_from([0, 1]), data=st.data())
    def some_of_it_arrives(self, which: int, data: st.DataObject) -> None:
        """Let any records reach a book-keeper, in any order, alone or together, anew or again."""
        self.arrive(which, data.draw(st.lists(st.integers(0, len(self.recorded) - 1), min_size=1, max_size=8)))

    def arrive(self, which: int, counts: Iterable[int]) -> None:
        keeper = self.keepers[which]
        keeper.take((count, self.recorded[count]) for count in counts)
        if keeper.newest is not None:
            self.published[result_hash(keeper.newest)] = keeper.months
        keeper.settle(self.granted)

    @property
    def granted(self) -> Months | None:
        granted = standing_of(self.decisions).granted
        return self.published[granted.result_hash] if granted else None

    @precondition(lambda self: self.keepers[0].newest is not None)
    @rule(kind=st.sampled_from(["approved", "approved", "refused", "appealed", "upheld", "changed", "withdrawn"]))
    def an_official_decides(self, kind: str) -> None:
        digest = result_hash(self.keepers[0].newest)  # type: ignore[arg-type]
        standing = standing_of(self.decisions)
        on = (
            standing.decided
            if kind in ("appealed", "upheld", "withdrawn") and standing.decided
            else Seen(digest, digest)
        )
        decision = Decision(kind, on)
        latest = Latest(Seen(digest, digest), True, 0, self.published[digest])
        try:
            require_decidable(standing, decision, latest, self.granted)
        except Conflict:
            return
        self.decisions.append(decision)
        for keeper in self.keepers:
            keeper.settle(self.granted)

    @rule(which=st.sampled_from([0, 1]), data=st.data())
    def what_is_known_arrives_again_and_adds_nothing(self, which: int, data: st.DataObject) -> None:
        before = list(self.keepers[which].entries)
        if self.keepers[which].held:
            self.arrive(which, data.draw(st.permutations(sorted(self.keepers[which].held))))
        assert self.keepers[which].settle(self.granted) == []
        assert self.keepers[which].entries == before

    @invariant()
    def the_books_are_only_added_to(self) -> None:
        for which, keeper in enumerate(getattr(self, "keepers", ())):
            assert keeper.entries[: len(self.seen[which])] == self.seen[which]
            assert all(entry.amount_gr for entry in keeper.entries)
            self.seen[which] = list(keeper.entries)

    @invariant()
    def books_and_proposals_together_are_the_newest_schedule(self) -> None:
        for keeper in getattr(self, "keepers", ()):
            if keeper.newest is not None and self.granted is not None:
                lowering = proposed(granted=self.granted, newest=keeper.months)
                told = sum(keeper.sums.values()) + sum(entry.amount_gr for entry in lowering)
                assert told == sum(month["amount_gr"] for month in keeper.months)

    @invariant()
    def no_month_is_below_what_was_granted(self) -> None:
        for keeper in getattr(self, "keepers", ()):
            for month in (self.granted or []) if keeper.newest is not None else []:
                stands = sum(gr for (name, _), gr in keeper.sums.items() if name == month["month"])
                assert stands >= month["amount_gr"]

    def teardown(self) -> None:
        """Let what is still on its way arrive: at one all at once, at the other one by one from the last on."""
        if not hasattr(self, "keepers"):
            return
        one, other = self.keepers
        everything = range(len(self.recorded))
        self.arrive(0, [count for count in everything if count not in one.held])
        for count in reversed([count for count in everything if count not in other.held]):
            self.arrive(1, [count])
        assert one.newest == other.newest
        assert one.sums == other.sums


LifeOfACase.TestCase.settings = settings(PROPERTY, stateful_step_count=30)
TestLifeOfACase = LifeOfACase.TestCase
