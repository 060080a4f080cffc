"""Which referrals a list is asked for, said to the database: those that were made, and those that came.

What others told stands as canonical JSON: members are sorted, without spaces, and a referral and its answer hold codes,
ids and days alone. So a member with its value is a piece of the text that nothing else can be.
"""

from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, func, literal, select, type_coerce

from shared.exchange.history.tables import SharedRecordRow
from shared.institution.models.queries import ExchangeQuery
from shared.institution.operations.client_list import is_joint
from shared.institution.tables import ClientRow, ReferralAnswerRow, ReferralRow

Conditions = list[ColumnElement[bool]]
_SAID = type_coerce(SharedRecordRow.payload, String)
_DUE = func.substr(_SAID, len('{"due":"') + 1, len("2026-10-01"))
"""The day of a referral that came: the first of its members."""


def made(own: str, wanted: ExchangeQuery, today: date) -> Conditions:
    """Return what is asked of the referrals that an office made."""
    row, answer = ReferralRow, _answer_told(own)
    found = [row.state != "voided"]
    for column, value in ((row.to, wanted.office), (row.purpose, wanted.purpose), (row.result, wanted.result)):
        if value is not None:
            found.append(column == value)
    if wanted.due_before is not None:
        found.append(row.due < wanted.due_before)
    if wanted.answer is not None:
        none = wanted.answer == "none"
        found.append(answer.is_(None) if none else answer.contains(_member("answer", wanted.answer)))
    return found + _overdue(wanted, and_(answer.is_(None), row.result.is_(None), row.due < today))


def received(own: str, wanted: ExchangeQuery, today: date) -> Conditions:
    """Return what is asked of the referrals that came to an office from those who share the client with it."""
    row, answer = SharedRecordRow, _answer_given()
    members = type_coerce(ClientRow.members, String)
    found = [row.record == "referral", row.iss != own, row.dropped.is_(False), _SAID.contains(_member("to", own))]
    found += [is_joint(own), members.contains(literal('"') + row.iss + literal('"'))]
    if wanted.office is not None:
        found.append(row.iss == wanted.office)
    for name in ("purpose", "result"):
        if (value := getattr(wanted, name)) is not None:
            found.append(_SAID.contains(_member(name, value), autoescape=True))
    if wanted.due_before is not None:
        found.append(wanted.due_before.isoformat() > _DUE)
    if wanted.answer is not None:
        found.append(answer.is_(None) if wanted.answer == "none" else answer == wanted.answer)
    open_ = ~_SAID.contains('"result":')
    return found + _overdue(wanted, and_(answer.is_(None), open_, today.isoformat() > _DUE))


def _member(name: str, value: str) -> str:
    return f'"{name}":"{value}"'


def _overdue(wanted: ExchangeQuery, is_overdue: ColumnElement[bool]) -> Conditions:
    if wanted.overdue is None:
        return []
    return [is_overdue if wanted.overdue else ~is_overdue]


def _answer_told(own: str) -> ScalarSelect[str]:
    """Return the last answer to a referral of this office, of whom it was made to and who shares the client now."""
    row, members = SharedRecordRow, type_coerce(ClientRow.members, String)
    about = literal('"referral_id":"') + ReferralRow.id + literal('"')
    query = (
        select(_SAID)
        .join(ClientRow, ClientRow.token == row.token)
        .where(ClientRow.id == ReferralRow.client_id, is_joint(own))
        .where(members.contains(literal('"') + ReferralRow.to + literal('"')))
        .where(row.iss == ReferralRow.to, row.record == "referral_answer", row.dropped.is_(False))
        .where(_SAID.contains(about), _SAID.contains(_member("referrer", own)))
    )
    return query.order_by(row.key.desc()).limit(1).correlate(ReferralRow).scalar_subquery()


def _answer_given() -> ScalarSelect[str]:
    """Return this office's answer to a referral that came."""
    row = ReferralAnswerRow
    dated = func.coalesce(row.ended_on, row.accepted_on).is_not(None)
    query = select(func.coalesce(row.result, "accepted")).where(
        row.referral_id == SharedRecordRow.key, row.referrer == SharedRecordRow.iss, row.state != "voided", dated
    )
    return query.order_by(row.id.desc()).limit(1).correlate(SharedRecordRow).scalar_subquery()
