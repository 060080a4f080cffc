"""What goes between this office and others about a client; and who at this office looks after whom."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables.records import ClientRow, DueRow, InstitutionBase, PeriodRow, RecordRow
from shared.runtime.database.columns import UtcTime


class ReferralRow(DueRow):
    """A referral (*skierowanie*) of a client to another office."""

    __tablename__ = "referral"
    indexed = (("to",), ("purpose",), ("result",))

    to: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(20))
    made_on: Mapped[date] = mapped_column(Date)
    result: Mapped[str | None] = mapped_column(String(20))


class ReferralAnswerRow(RecordRow):
    """An answer to a referral that another office made; ``referral_id`` is that office's."""

    __tablename__ = "referral_answer"
    indexed = (("referral_id",), ("referrer",), ("result",))

    referrer: Mapped[str] = mapped_column(String(32))
    referral_id: Mapped[str] = mapped_column(String(36))
    accepted_on: Mapped[date | None] = mapped_column(Date)
    result: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)


class WorkerRow(PeriodRow):
    """Who looks after a client (*pracownik prowadzący*), by the pseudonym in the official's token; it never leaves."""

    __tablename__ = "worker_assignment"
    indexed = (("worker",),)

    worker: Mapped[str] = mapped_column(String(100))


class SubstituteRow(PeriodRow):
    """Who stands in for a client's worker (*zastępstwo*) for some days; it never leaves."""

    __tablename__ = "worker_substitution"
    indexed = (("worker",),)

    worker: Mapped[str] = mapped_column(String(100))


class CostAgreementRow(PeriodRow):
    """How this office states that costs are shared with another one (*podział kosztów*)."""

    __tablename__ = "cost_agreement"
    indexed = (("other",), ("form_id",), ("confirms",))

    other: Mapped[str] = mapped_column(String(32))
    form_id: Mapped[str | None] = mapped_column(String(36))
    unit: Mapped[str] = mapped_column(String(12))
    own: Mapped[int] = mapped_column(BigInteger)
    other_share: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    confirms: Mapped[str | None] = mapped_column(String(36))


class DuplicateRow(InstitutionBase):
    """Two forms of one class on the same days, as the broker last told; ``state``: open, explained, resolved.

    ``pair`` names the two forms within the federation; the days are those that both have in common, or last had.
    """

    __tablename__ = "duplicate"
    __table_args__ = (
        Index("ix_duplicate_client_id", "client_id", "id"),
        Index("ix_duplicate_state", "state", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    pair: Mapped[str] = mapped_column(String(43), unique=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id))
    first_iss: Mapped[str] = mapped_column(String(32))
    first_form: Mapped[str] = mapped_column(String(36))
    first_code: Mapped[str] = mapped_column(String(64))
    second_iss: Mapped[str] = mapped_column(String(32))
    second_form: Mapped[str] = mapped_column(String(36))
    second_code: Mapped[str] = mapped_column(String(64))
    from_: Mapped[date] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)
    state: Mapped[str] = mapped_column(String(10))
    reason_code: Mapped[str | None] = mapped_column(String(40))
    explained_by: Mapped[str | None] = mapped_column(String(100))
    told_at: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer)
