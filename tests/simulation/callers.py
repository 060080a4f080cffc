"""The offices' own systems: each writes, one record after another, and asks again until it knows that it is written."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx2

from shared.runtime.clock import Clock
from tests.builders import new_client

CODES = {"pup": ("PUP-STA", "PUP-SZK", "PUP-POS"), "ops": ("AI-E01",)}
UNTIL = "2026-06-30"
REFERRAL = {"purpose": "social_work", "made_on": "2026-10-01", "due": "2026-10-31"}
REFERS_EACH = ANSWERS_EACH = 0.1
ERASES_EACH = 0.06


@dataclass
class Form:
    """A record that its office acknowledged, and what the office said of it last: a form of support, by its code.

    A referral has no code, nor has its answer, which names what it ``answers``.

    ``erased``: the office said that it is gone. ``unsure``: a restore came between such a word and the row, or before
    there was one, and nothing is expected of the record.

    ``lost``: acknowledged after the copy that a restore brought back, so the office itself need not have it.
    ``close_undone``: after a fork the office may have told from the older copy that the form is open (decision 39).
    ``close_unsure``: an end was asked for, and a restore took the form before there was an answer.
    """

    id: str
    office: str
    person: int
    code: str | None
    opened_at: float
    answers: str | None = None
    erased_at: float | None = None
    unsure: bool = False
    closed_at: float | None = None
    lost: bool = False
    close_lost: bool = False
    close_undone: bool = False
    close_unsure: bool = False


class Served(Protocol):
    """The service of an office, as its systems know it."""

    id: str
    clock: Clock

    @property
    def is_ready(self) -> bool:
        """Tell whether it may be written to."""


class Carries(Protocol):
    """What carries a call to a service."""

    async def carry(self, sender: None, to: Any, request: httpx2.Request) -> httpx2.Response:
        """Return the answer."""


class Unexpected(AssertionError):
    """An office answered as it must not."""


@dataclass
class Caller:
    """The systems of one office."""

    machine: Served
    people: tuple[int, ...]
    network: Carries
    dice: random.Random
    token: str
    goes_on: Callable[[], bool]
    pause_s: float = 2.0
    leaves_each: float = 0.09
    surnames: dict[int, str] = field(default_factory=dict)
    refers_to: dict[int, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    clients: dict[int, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    opening: list[tuple[int, str | None]] = field(default_factory=list)
    doubted: list[tuple[int, str | None]] = field(default_factory=list)
    returned_at: dict[int, float] = field(default_factory=dict)
    acknowledged: int = 0
    enrolled: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    async def work(self) -> None:
        """Enrol people, then open and close forms of support until told to stop."""
        for person in self.people:
            answer = await self.ask("/v1/clients", self._new_client(person), 201)
            self.clients[person] = answer["id"]
        self.enrolled.set()
        while self.goes_on():
            await asyncio.sleep(self.dice.uniform(0, self.pause_s))
            if self.dice.random() < self.leaves_each:
                await self.leave_and_return(self.dice.choice(self.people))
            if self.refers_to:
                await self._work_with_others()
            open_forms = [form for form in self.forms.values() if form.code and not self._has_ended(form)]
            if open_forms and self.dice.random() < 0.35:
                await self.close(self.dice.choice(open_forms))
            else:
                await self.open(self.dice.choice(self.people))

    def _new_client(self, person: int) -> dict[str, Any]:
        return new_client(person, **({"surname": self.surnames[person]} if person in self.surnames else {}))

    async def _work_with_others(self) -> None:
        """Refer, answer, and erase: not what every caller does."""
        if self.dice.random() < REFERS_EACH:
            person = self.dice.choice(self.people)
            await self._write(person, None, "referrals", REFERRAL | {"to": self.refers_to[person]})
        if self.dice.random() < ANSWERS_EACH:
            await self.answer_referrals()
        standing = [form for form in self.forms.values() if form.code and not form.erased_at and not form.lost]
        if standing and self.dice.random() < ERASES_EACH:
            await self.erase(self.dice.choice(standing))

    @staticmethod
    def _has_ended(form: Form) -> bool:
        return form.closed_at is not None or form.lost or form.erased_at is not None or form.unsure

    async def open(self, person: int) -> None:
        code = self.dice.choice(CODES[self.machine.id.partition("-")[0]])
        body = {"code": code, "from": f"2026-{self.dice.randint(1, 5):02d}-{self.dice.randint(1, 28):02d}"}
        await self._write(person, code, "support-forms", body)

    async def _write(self, person: int, code: str | None, kind: str, body: dict[str, str]) -> Form | None:
        self.opening.append((person, code))
        record = await self.ask(f"/v1/clients/{self.clients[person]}/{kind}", body, 201, or_else=(409,))
        self.opening.remove((person, code))
        if record is None:
            await self.take_back(person)
            return None
        form = Form(record["id"], self.machine.id, person, code, self.machine.clock.monotonic())
        self.forms[form.id] = form
        return form

    async def answer_referrals(self) -> None:
        """Answer each referral that came, once."""
        people = {client: person for person, client in self.clients.items()}
        for came in await self.read("/v1/referral-exchanges"):
            referral = came["referral_id"]
            if came["answer"] is not None or referral in self.answered:
                continue
            self.answered.add(referral)
            body = {"referrer": came["office"], "referral_id": referral, "accepted_on": "2026-10-01"}
            answer = await self._write(people[came["client_id"]], None, "referral-answers", body)
            if answer is None:
                self.answered.discard(referral)
            else:
                answer.answers = referral

    async def erase(self, form: Form) -> None:
        """Erase a record; one that a restore took cannot be erased by its office any more."""
        body = {"ground": "unlawful", "kind": "support-forms", "record_id": form.id}
        done = await self.ask(f"/v1/clients/{self.clients[form.person]}/erasures", body, 201, or_else=(404, 409))
        if done is None:
            form.unsure = True
        else:
            form.erased_at, form.unsure = self.machine.clock.monotonic(), False

    async def erase_again(self) -> None:
        """Erase what an older copy brought back after it was erased."""
        for form in [form for form in self.forms.values() if form.unsure]:
            await self.erase(form)

    async def close(self, form: Form) -> None:
        answer = await self.ask(f"/v1/support-forms/{form.id}/close", {"until": UNTIL}, 200, or_else=(404, 409))
        if form.erased_at is not None:
            return
        if answer is not None:
            form.closed_at, form.close_undone = self.machine.clock.monotonic(), False
        else:
            form.close_unsure = True

    async def leave_and_return(self, person: int) -> None:
        """Withdraw a client and take the person back: the offices part and meet again."""
        await self.ask(f"/v1/clients/{self.clients[person]}/withdraw", None, 200, or_else=(409,))
        await asyncio.sleep(self.dice.uniform(0, 5))
        await self.take_back(person)

    async def take_back(self, person: int) -> None:
        """Take a person back; one who is active already, since a restore took the withdrawal, stays so."""
        if await self.ask(f"/v1/clients/{self.clients[person]}/take-back", None, 200, or_else=(409,)):
            self.returned_at[person] = self.machine.clock.monotonic()

    async def confirm(self, suspicion_id: str) -> None:
        """Say that a client is whom another office has too; somebody may have withdrawn the client meanwhile."""
        body = {"reason_code": "same_person"}
        await self.ask(f"/v1/suspicions/{suspicion_id}/confirm", body, 200, or_else=(404, 409))

    async def read(self, path: str) -> list[Any]:
        """Return a list, or nothing of it where there is no answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        request = httpx2.Request("GET", f"http://{self.machine.id}{path}", headers=headers)
        try:
            answer = await self.network.carry(None, self.machine, request)
            items: list[Any] = json.loads(await answer.aread())["items"] if answer.status_code == 200 else []
        except httpx2.HTTPError:
            return []
        return items

    async def ask(self, path: str, body: Any, status: int, *, or_else: tuple[int, ...] = ()) -> Any:
        """Write, asking again under the same key until there is an answer."""
        self.asked += 1
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"{self.machine.id}-{self.asked}"}
        url = f"http://{self.machine.id}{path}"
        while True:
            await self._until_ready()
            request = httpx2.Request("POST", url, headers=headers, json=body if body is not None else {})
            try:
                answer = await self.network.carry(None, self.machine, request)
            except httpx2.HTTPError:
                await asyncio.sleep(self.dice.uniform(0.2, 3))
                continue
            if answer.status_code >= 500:
                await asyncio.sleep(self.dice.uniform(0.2, 3))
                continue
            if answer.status_code == status:
                self.acknowledged += 1
                return json.loads(await answer.aread())
            if answer.status_code in or_else:
                return None
            raise Unexpected(f"{self.machine.id} answered {path} with {answer.status_code} {answer.text}")

    def forget_since(self, copied_at: float, *, forks: bool = False) -> None:
        """Mark what a restore took from the office: it was acknowledged after the copy was made.

        What was asked for and had no answer may have been done, and may have left; the office forgot under which key,
        and does it again when it is asked again. ``forks``: the office writes before it has compared heads.
        """
        self.doubted += self.opening
        for form in self.forms.values():
            form.lost = form.lost or form.opened_at > copied_at
            if form.erased_at is not None and form.erased_at > copied_at:
                form.erased_at, form.unsure = None, True
            if form.closed_at is not None and form.closed_at > copied_at:
                form.close_lost, form.close_undone = True, form.close_undone or forks

    async def _until_ready(self) -> None:
        """Wait until the office is there and, after a restore, has compared heads: to write before is to fork."""
        while not self.machine.is_ready:
            await self.machine.clock.sleep(1)
