"""Paying: each office fetches the payable lists of months that have passed and marks every line, twice."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.demo.caller import Caller
from services.cli.demo.people.days import FIRST_START, LAST_DAY, months_after
from shared.institution.operations.benefit.payables import month_of
from shared.runtime.clock import SystemClock

AT_ONCE = 1000
_PAID = ("lists", "lines", "booked_again", "changed_by_it")


@dataclass
class Cashiers:
    """The cashiers of all offices; ``done`` counts the lists, ``paid`` lists, lines, and what a second booking did."""

    offices: Mapping[str, Caller]
    done: Callable[[int], None]
    paid: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_PAID, 0))

    async def pay(self, months: Sequence[str]) -> None:
        """Pay what the lists of some months say, one month after the other."""
        await asyncio.gather(*(self._pay_at(office, months) for office in self.offices.values()))

    async def _pay_at(self, office: Caller, months: Sequence[str]) -> None:
        for month in months:
            listed = await office.get(f"/v1/payables/{month}")
            items = [{"case_id": line["case_id"], "payable_gr": line["payable_gr"]} for line in listed["lines"]]
            for start in range(0, len(items), AT_ONCE):
                await self._book(office, month, items[start : start + AT_ONCE])
            self.paid["lists"] += bool(items)
            self.paid["lines"] += len(items)
            self.done(1)

    async def _book(self, office: Caller, month: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Book lines, and once more under another key, as a system does that lost the answer."""
        path = f"/v1/payables/{month}/booked"
        first = await office.post(path, {"items": items})
        again = await office.post(path, {"items": items})
        self.paid["booked_again"] += len(again["lines"])
        self.paid["changed_by_it"] += sum(
            one != other for one, other in zip(first["lines"], again["lines"], strict=True)
        )


def months_to_pay() -> list[str]:
    """Return the months of the pilot that have begun, from that of the first job on.

    It ends with the last month of the histories, on whichever day it is run, so its figures stay the same.
    """
    count = (LAST_DAY.year - FIRST_START.year) * 12 + LAST_DAY.month - FIRST_START.month + 1
    months = [f"{months_after(FIRST_START, number):%Y-%m}" for number in range(count)]
    return [month for month in months if month <= month_of(SystemClock().now())]
