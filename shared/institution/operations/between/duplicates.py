"""Duplicates at an office: seen before a form is opened, told by the broker after, explained by an official."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain import catalogue
from shared.domain.duplicates import Duplicate, Given, duplicates
from shared.domain.errors import Conflict, NotFound
from shared.domain.events.payloads.broker import Duplicated
from shared.domain.events.payloads.support import SupportForm
from shared.domain.period import Period
from shared.exchange.history.pairs import names_erased
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.erase import erase_sets
from shared.institution.models.base import RecordView
from shared.institution.models.exchanged import (
    CostSharing,
    DuplicateAlert,
    DuplicateForm,
    Explanation,
    ForeseenDuplicate,
)
from shared.institution.models.records import SupportForm as SupportFormView
from shared.institution.node import Node
from shared.institution.operations.between import costs, told
from shared.institution.operations.clients import lock_active
from shared.institution.operations.versions import require_version
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, DuplicateRow


class DuplicateResolved(Conflict):
    """The two forms are no duplicate any more; there is nothing to explain."""


async def foreseen(
    session: AsyncSession, node: Node, client: ClientRow, code: str, from_: date, until: date | None
) -> list[ForeseenDuplicate]:
    """Return the other offices' forms of which a form of support would be a duplicate, as they were disclosed."""
    asked = Given(node.id, "", code, Period(from_, until))
    if not asked.duplicate_class:
        return []
    rows = await told.of_others(session, node, client, "support_form")
    given = [_given(row.iss, told.payload_of(row)) for row in rows]
    found = [one for one in duplicates([asked, *given]) if asked in (one.first, one.second)]
    return [_foreseen(one, asked) for one in sorted(found, key=lambda one: (one.days.start, one.id))]


async def shown_with(work: Work, client: ClientRow, view: RecordView) -> RecordView:
    """Return what is shown of a record that was opened: of a form of support, with what it is a duplicate of."""
    if not isinstance(view, SupportFormView):
        return view
    found = await foreseen(work.session, work.node, client, view.code, view.from_, view.until)
    return view.model_copy(update={"duplicates": found})


async def note_all(work: Work, told: Sequence[tuple[ClientRow | None, SecurityEvent]]) -> None:
    """Take what the broker said of pairs, and erase its word where a form was erased: it had not heard of that yet.

    A pair comes without its client where the office shares the person no more, and its word goes all the same.
    """
    for client, event in told:
        if await names_erased(work.session, event.token, event.payload):
            await erase_sets(work.session, event.iss, [event.hash], state="purged")
        elif client is not None:
            await _note(work, client, event.payload)


async def _note(work: Work, client: ClientRow, said: Duplicated) -> None:
    """Take what the broker said of a pair; a pair whose days or codes changed is open again."""
    row = await work.session.scalar(select(DuplicateRow).where(DuplicateRow.pair == said.duplicate_id))
    if row is None:
        if said.ended:
            return
        row = DuplicateRow(id=work.node.ids.uuid7(), pair=said.duplicate_id, client_id=client.id, state="", version=0)
        work.session.add(row)
    news = (said.first_code, said.second_code, said.from_, said.until)
    if said.ended:
        row.state = "resolved"
    elif row.state in ("", "resolved") or (row.first_code, row.second_code, row.from_, row.until) != news:
        row.state, row.reason_code, row.explained_by = "open", None, None
    row.first_iss, row.first_form, row.second_iss, row.second_form = (
        said.first_iss,
        said.first_form,
        said.second_iss,
        said.second_form,
    )
    row.first_code, row.second_code, row.from_, row.until = news
    row.client_id, row.told_at, row.version = client.id, work.now, row.version + 1
    work.changed("duplicate", row.id, client.id, row.state)


async def explain(work: Work, duplicate_id: str, given: Explanation, by: str, version: int | None) -> DuplicateAlert:
    """Note why both forms are right; the note stays at this office.

    :raises NotFound: there is no such pair here.
    :raises PreconditionFailed: the broker told of it anew meanwhile, or somebody explained it.
    :raises DuplicateResolved: it is no duplicate any more.
    """
    found = await work.session.get(DuplicateRow, duplicate_id)
    if found is None:
        raise NotFound()
    client = await lock_active(work.session, found.client_id)
    row = await work.session.get_one(DuplicateRow, duplicate_id, with_for_update=True, populate_existing=True)
    shared = await costs.of_client(work.session, work.node, client)
    sent = given.model_dump(mode="json")
    require_version(row.version, version, record=lambda: alert(row, shared), sent=sent)
    if row.state == "resolved":
        raise DuplicateResolved(received=row.state)
    row.state, row.reason_code, row.explained_by = "explained", given.reason_code, by
    row.version += 1
    work.changed("duplicate", row.id, client.id, "explained")
    return alert(row, shared)


async def page(session: AsyncSession, node: Node, state: str, after: str, limit: int) -> Sequence[DuplicateAlert]:
    """Return the pairs in a state, in the order of their ids, each with what is agreed on its costs."""
    query = select(DuplicateRow).where(DuplicateRow.state == state, DuplicateRow.id > after)
    rows = list(await session.scalars(query.order_by(DuplicateRow.id).limit(limit)))
    ids = sorted({row.client_id for row in rows})
    clients = {row.id: row for row in await session.scalars(select(ClientRow).where(ClientRow.id.in_(ids)))}
    shared = {client_id: await costs.of_client(session, node, clients[client_id]) for client_id in ids}
    return [alert(row, shared[row.client_id]) for row in rows]


async def of_client(
    session: AsyncSession, client: ClientRow, shared: Sequence[CostSharing]
) -> Sequence[DuplicateAlert]:
    """Return the pairs of a client, oldest days first."""
    query = select(DuplicateRow).where(DuplicateRow.client_id == client.id)
    rows = await session.scalars(query.order_by(DuplicateRow.from_, DuplicateRow.id))
    return [alert(row, shared) for row in rows]


def alert(row: DuplicateRow, shared: Sequence[CostSharing]) -> DuplicateAlert:
    """Return what is shown of a pair, with what is stated on the costs of its forms, or of the whole person."""
    forms = [
        _form(row.first_iss, row.first_form, row.first_code),
        _form(row.second_iss, row.second_form, row.second_code),
    ]
    days, named = Period(row.from_, row.until), {row.first_form, row.second_form, None}
    return DuplicateAlert(
        id=row.id,
        client_id=row.client_id,
        duplicate_class=Given("", "", row.first_code, days).duplicate_class,
        forms=forms,
        from_=row.from_,
        until=row.until,
        state=row.state,
        reason_code=row.reason_code,
        explained_by=row.explained_by,
        told_at=row.told_at,
        version=row.version,
        costs=[one for one in shared if one.form_id in named and Period(one.from_, one.until).overlap(days)],
    )


def _foreseen(found: Duplicate, asked: Given) -> ForeseenDuplicate:
    other = found.second if found.first == asked else found.first
    return ForeseenDuplicate(
        duplicate_class=asked.duplicate_class,
        other=_form(other.iss, other.form_id, other.code),
        from_=found.days.start,
        until=found.days.end,
    )


def _given(iss: str, form: SupportForm) -> Given:
    return Given(iss, form.form_id, form.code, Period(form.from_, form.until))


def _form(iss: str, form_id: str, code: str) -> DuplicateForm:
    known = catalogue.forms().get(code)
    return DuplicateForm(iss=iss, form_id=form_id, code=code, name_pl=known.name_pl if known else None)
