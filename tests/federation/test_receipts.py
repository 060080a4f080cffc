"""Receipts of the broker: the proof of delivery comes to the office whatever became of the first answer."""

from typing import Any

import pytest

from shared.domain.institutions import BROKER
from shared.exchange.client.broker import Unreachable
from shared.exchange.stream.heads import find_head
from shared.institution.operations.exchange.pushing import push_once
from shared.institution.operations.exchange.recovering import last_receipt
from tests.builders import Federation, Office


async def receipted(office: Office) -> tuple[int, int]:
    async with office.node.db.read() as session:
        head = await find_head(session, office.id, BROKER)
        assert head is not None
        return head.position, await last_receipt(session, head)


async def test_a_receipt_whose_answer_was_lost_is_asked_for_again(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await federation.join("ops-2478011")
    await office.enrol(1)
    call = office.node.client.call

    async def answer_lost(method: str, path: str, *rest: Any, **options: Any) -> Any:
        answer = await call(method, path, *rest, **options)
        if path.endswith("/sets"):
            raise Unreachable("the broker died after it had committed")
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(office.node.client, "call", answer_lost)
        with pytest.raises(Unreachable):
            await push_once(office.node)
    assert await receipted(office) == (1, 0)
    office.node.peer_position = None  # as the lane does after every failure
    while await push_once(office.node):
        pass
    assert await receipted(office) == (1, 1)
    assert (await office.get("/v1/exchange"))["lag"] == 0


async def test_nothing_is_pushed_once_all_is_receipted(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    office = await federation.join("ops-2478011")
    await office.enrol(1)
    await federation.settle()

    async def unexpected(*_: Any, **__: Any) -> Any:
        raise AssertionError("there is nothing to say")

    monkeypatch.setattr(office.node.client, "call", unexpected)
    assert not await push_once(office.node)
