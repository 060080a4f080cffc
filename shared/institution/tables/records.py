"""Clients, their records, and what the office's own systems need. Personal data stand encrypted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from shared.exchange.stream.tables import NAMES
from shared.runtime.database.columns import Encrypted, JsonText, UtcTime


class InstitutionBase(DeclarativeBase):
    """Tables of every institution."""

    metadata = MetaData(naming_convention=NAMES)


class ClientRow(InstitutionBase):
    """A client (*klient*) of the office; ``members`` and ``generation`` say who shares it, as the broker told.

    ``restricted_on`` is the day from which the data are only kept (GDPR art. 18), while that lasts; ``contested_since``
    is when the office learnt that two labour offices contest the client, while they do.
    """

    __tablename__ = "client"
    __table_args__ = (
        Index("ix_client_by_state", "state", "id"),
        Index("ix_client_by_updated_at", "updated_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    pesel: Mapped[str] = mapped_column(Encrypted("client.pesel"))
    pesel_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    surname: Mapped[str] = mapped_column(Encrypted("client.surname"))
    given_names: Mapped[str] = mapped_column(Encrypted("client.given_names"))
    case_number: Mapped[str] = mapped_column(Encrypted("client.case_number"))
    basis: Mapped[str] = mapped_column(String(32))
    token: Mapped[str] = mapped_column(String(50), index=True)
    enrolled_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(10))
    generation: Mapped[int] = mapped_column(Integer)
    members: Mapped[Any] = mapped_column(JsonText)
    recorded: Mapped[int] = mapped_column(Integer)
    restricted_on: Mapped[date | None] = mapped_column(Date)
    contested_since: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class RecordRow(InstitutionBase):
    """What every record of a client has; ``state``: open, closed, voided.

    ``indexed`` adds the columns by which lists of a kind begin; each index ends with the id, which settles the order.
    """

    __abstract__ = True
    indexed: ClassVar[Sequence[Sequence[str]]] = (("client_id",), ("state",), ("updated_at",))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id))
    state: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Encrypted("record.note"))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        """Return the indexes of all that ``indexed`` says here and in the classes above."""
        wanted = [columns for base in cls.__mro__ for columns in vars(base).get("indexed", ())]
        return tuple(Index(f"ix_{cls.__tablename__}_by_{'_'.join(columns)}", *columns, "id") for columns in wanted)


class PeriodRow(RecordRow):
    """A record in force from one day to another, both included; ``until`` is missing while it goes on."""

    __abstract__ = True
    indexed: ClassVar[Sequence[Sequence[str]]] = (("from_day",),)

    from_: Mapped[date] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)


class DueRow(RecordRow):
    """A record of something that is due on a day."""

    __abstract__ = True
    indexed: ClassVar[Sequence[Sequence[str]]] = (("due_day",), ("state", "due_day"))

    due: Mapped[date] = mapped_column("due_day", Date)


def of_parent(row: type[RecordRow]) -> Mapped[Any]:
    """Return the column that names the record a record belongs to."""
    return mapped_column(String(36), ForeignKey(row.id))


class SupportFormRow(PeriodRow):
    """A form of support (*forma wsparcia*)."""

    __tablename__ = "support_form"
    indexed = (("code",), ("status",))

    code: Mapped[str] = mapped_column(String(10))
    hours_total: Mapped[int | None] = mapped_column(Integer)
    amount_gr: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(12))


class BenefitRow(PeriodRow):
    """A monthly benefit (*świadczenie*); unless ``kept_stated``, the catalogue says how long it is kept."""

    __tablename__ = "benefit"
    indexed = (("code",),)

    code: Mapped[str] = mapped_column(String(10))
    monthly_net_gr: Mapped[int] = mapped_column(BigInteger)
    monthly_gross_gr: Mapped[int | None] = mapped_column(BigInteger)
    remaining_net_gr: Mapped[int | None] = mapped_column(BigInteger)
    kept_stated: Mapped[bool] = mapped_column(Boolean)
    kept_months: Mapped[int | None] = mapped_column(Integer)
    gained: Mapped[bool] = mapped_column(Boolean)


class WorkCostRow(PeriodRow):
    """A cost of work (*koszt podjęcia pracy*) or a deduction from the wage; it never leaves the office."""

    __tablename__ = "work_cost"

    kind: Mapped[str] = mapped_column(String(16))
    monthly_gr: Mapped[int] = mapped_column(BigInteger)


class HouseholdIncomeRow(PeriodRow):
    """Net income of another member of the client's household (*dochód gospodarstwa domowego*); it never leaves."""

    __tablename__ = "household_income"

    monthly_net_gr: Mapped[int] = mapped_column(BigInteger)


class EmploymentRow(RecordRow):
    """A job (*zatrudnienie*) of a client; its history stands in its events."""

    __tablename__ = "employment"
    indexed = (("contract_kind",),)

    contract_kind: Mapped[str] = mapped_column(String(16))
    employer: Mapped[str | None] = mapped_column(Encrypted("employment.employer"))


class EmploymentEventRow(InstitutionBase):
    """A dated event of a job, never edited; ``recorded`` is the office's own counter per client."""

    __tablename__ = "employment_event"

    employment_id: Mapped[str] = mapped_column(ForeignKey(EmploymentRow.id), primary_key=True)
    recorded: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(6))
    effective: Mapped[date] = mapped_column(Date)
    net_gr: Mapped[int | None] = mapped_column(BigInteger)
    gross_gr: Mapped[int | None] = mapped_column(BigInteger)
    working_time_bp: Mapped[int | None] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)


class ExternalIdRow(InstitutionBase):
    """The name under which another system of the office knows a record."""

    __tablename__ = "external_id"
    __table_args__ = (Index("ix_external_id_record_id", "record_id"),)

    system: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(36))


class ChangeHeadRow(InstitutionBase):
    """How far the change feed goes; its lock puts changes into the order of their commits.

    ``uncompared``: how far it went at the first start since heads were last compared with the broker; else nothing.
    """

    __tablename__ = "change_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    uncompared: Mapped[int | None] = mapped_column(BigInteger)


class ChangeRow(InstitutionBase):
    """One line of the change feed: what changed, by id alone."""

    __tablename__ = "change"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(30))
    record_id: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str | None] = mapped_column(String(36))
    change: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcTime)


class IdempotencyRow(InstitutionBase):
    """The answer to a request with an Idempotency-Key, of which the blind index is kept, for whoever asks again."""

    __tablename__ = "idempotency"

    subject: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[str | None] = mapped_column(Encrypted("idempotency.body"))
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class SuspicionRow(InstitutionBase):
    """A suspected match that waits for an official; ``state``: open, confirmed, refused, lapsed (stands no more).

    ``contest``: the question is whether a second labour office is let in; it lapses with the contest.
    """

    __tablename__ = "suspicion"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id), index=True)
    state: Mapped[str] = mapped_column(String(10))
    answered_by: Mapped[str | None] = mapped_column(String(100))
    raised_at: Mapped[datetime] = mapped_column(UtcTime)
    contest: Mapped[bool] = mapped_column(Boolean, default=False)
