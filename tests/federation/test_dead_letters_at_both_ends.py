"""What is not taken is a dead letter at both ends, whenever it is found (WIRE.md, section 6)."""

from datetime import date

from sqlalchemy import select

from shared.domain.events.payloads import people, support
from shared.exchange.stream.tables import DeadLetterRow
from tests.builders import Federation, Office
from tests.federation.saying import joint, say, token

ID = "0192f0c1-7c00-7abc-8def-abcdefabcdef"


async def _positions(node: Office | Federation) -> list[tuple[int, str]]:
    database = node.broker.db if isinstance(node, Federation) else node.node.db
    async with database.read() as session:
        letters = await session.scalars(select(DeadLetterRow).order_by(DeadLetterRow.position))
        return [(letter.position, letter.problem) for letter in letters]


async def test_what_the_relay_refuses_after_the_push_reaches_its_author(federation: Federation) -> None:
    _, ops, _, _ = await joint(federation)
    # The first is refused by the relay, the second at once by intake: the answer to the push names the second alone.
    answer = people.MatchVerdict(suspicion_id=ID, reason_code="unclear")
    await say(ops, "match.confirmed.v1", token(1), answer)
    foreign = support.SupportForm(form_id=ID, code="PUP-STA", from_=date(2026, 1, 1))
    await say(ops, "support_form.opened.v1", token(1), foreign)
    await federation.settle()
    assert [problem for _, problem in await _positions(federation)] == ["not-shared", "set-not-permitted"]
    assert await _positions(ops) == await _positions(federation)


async def test_what_is_refused_of_a_token_without_a_client_reaches_its_author_too(federation: Federation) -> None:
    _, ops, _, _ = await joint(federation)
    await say(ops, "client.withdrawn.v1", token(55), people.Nothing())
    await federation.settle()
    assert [problem for _, problem in await _positions(ops)] == ["not-shared"]
