"""Referrals between this office and others (*skierowania*): what was made, what came, and the answers on both sides."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.between import Referral, ReferralAnswer
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.between import REFERRAL_ANSWERS, REFERRALS
from shared.institution.models.exchanged import AnswerTold, ReferralExchange
from shared.institution.models.queries import ExchangeQuery
from shared.institution.node import Node
from shared.institution.operations.between import told, wanted
from shared.institution.operations.clients import is_joint
from shared.institution.tables import ClientRow, ReferralAnswerRow, ReferralRow

Answers = Mapping[tuple[str, str], ReferralAnswer]
"""The answer to each referral, by who answered and the referral's id."""


async def of_client(session: AsyncSession, node: Node, client: ClientRow) -> Sequence[ReferralExchange]:
    """Return the referrals of a client that this office made or got, oldest first."""
    query = select(ReferralRow).where(ReferralRow.client_id == client.id, ReferralRow.state != "voided")
    made = list(await session.scalars(query.order_by(ReferralRow.id)))
    came = await told.of_others(session, node, client, "referral")
    found = [*await _made(session, node, made), *await _received(session, node, [(client, row) for row in came])]
    return sorted(found, key=lambda one: (one.made_on, one.referral_id))


async def page(
    session: AsyncSession, node: Node, asked: ExchangeQuery
) -> tuple[Sequence[ReferralExchange], str | None]:
    """Return a page of referrals with their answers, by their id, and where the next one begins."""
    read = _made_page if asked.direction == "made" else _received_page
    found = await read(session, node, asked)
    more = len(found) > asked.limit
    return found[: asked.limit], found[asked.limit - 1].referral_id if more else None


async def _made_page(session: AsyncSession, node: Node, asked: ExchangeQuery) -> Sequence[ReferralExchange]:
    row = ReferralRow
    query = select(row).where(row.id > asked.after, *wanted.made(node.id, asked, node.now.date()))
    return await _made(session, node, list(await session.scalars(query.order_by(row.id).limit(asked.limit + 1))))


async def _received_page(session: AsyncSession, node: Node, asked: ExchangeQuery) -> Sequence[ReferralExchange]:
    row = SharedRecordRow
    query = (
        select(ClientRow, row)
        .join(ClientRow, ClientRow.token == row.token)
        .where(row.key > asked.after, *wanted.received(node.id, asked, node.now.date()))
    )
    found = await session.execute(query.order_by(row.key, row.iss).limit(asked.limit + 1))
    return await _received(session, node, [(one[0], one[1]) for one in found])


async def _made(session: AsyncSession, node: Node, rows: Sequence[ReferralRow]) -> list[ReferralExchange]:
    clients = await _clients(session, {row.client_id for row in rows})
    answers = await _answers_told(session, node, clients.values())
    today = node.now.date()
    return [
        _view(
            row.client_id,
            REFERRALS.disclosed(row),
            answers.get((row.to, row.id)),
            today,
            direction="made",
            office=row.to,
        )
        for row in rows
    ]


async def _received(
    session: AsyncSession, node: Node, came: Sequence[tuple[ClientRow, SharedRecordRow]]
) -> list[ReferralExchange]:
    said: list[tuple[str, str, Referral]] = [(client.id, row.iss, told.payload_of(row)) for client, row in came]
    ours = [(client_id, iss, referral) for client_id, iss, referral in said if referral.to == node.id]
    answers = await _own_answers(session, [referral.referral_id for _, _, referral in ours])
    today = node.now.date()
    return [
        _view(client_id, referral, answers.get((iss, referral.referral_id)), today, direction="received", office=iss)
        for client_id, iss, referral in ours
    ]


async def _clients(session: AsyncSession, ids: Iterable[str]) -> Mapping[str, ClientRow]:
    rows = await session.scalars(select(ClientRow).where(ClientRow.id.in_(sorted(ids))))
    return {row.id: row for row in rows}


async def _answers_told(session: AsyncSession, node: Node, clients: Iterable[ClientRow]) -> Answers:
    """Return what other present members answered to this office's referrals of joint clients."""
    members = {client.token: set(client.members) for client in clients if is_joint(client, node.id)}
    row = SharedRecordRow
    query = select(row).where(
        row.token.in_(sorted(members)), row.record == "referral_answer", row.iss != node.id, row.dropped.is_(False)
    )
    found: dict[tuple[str, str], ReferralAnswer] = {}
    for one in await session.scalars(query.order_by(row.iss, row.key)):
        answer: ReferralAnswer = told.payload_of(one)
        if one.iss in members[one.token] and answer.referrer == node.id:
            found[one.iss, answer.referral_id] = answer
    return found


async def _own_answers(session: AsyncSession, referral_ids: Sequence[str]) -> Answers:
    row = ReferralAnswerRow
    rows = await session.scalars(select(row).where(row.referral_id.in_(referral_ids), row.state != "voided"))
    return {(one.referrer, one.referral_id): REFERRAL_ANSWERS.disclosed(one) for one in rows}


def _view(
    client_id: str,
    said: Referral,
    answer: ReferralAnswer | None,
    today: date,
    *,
    direction: str,
    office: str,
) -> ReferralExchange:
    return ReferralExchange(
        client_id=client_id,
        referral_id=said.referral_id,
        direction=direction,
        office=office,
        purpose=said.purpose,
        made_on=said.made_on,
        due=said.due,
        result=said.result,
        overdue=answer is None and said.result is None and today > said.due,
        answer=AnswerTold.model_validate(answer) if answer else None,
    )
