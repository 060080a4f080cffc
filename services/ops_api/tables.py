"""Rows that only a welfare centre keeps."""

from datetime import date

from sqlalchemy import BigInteger, Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables import DueRow, PeriodRow, RecordRow, SupportFormRow, of_parent
from shared.runtime.database.columns import Encrypted


class ContractRow(PeriodRow):
    """A social contract (*kontrakt socjalny*); the referral to which form B answers stays here."""

    __tablename__ = "social_contract"
    indexed = (("form",),)

    form: Mapped[str] = mapped_column(String(1))
    goals: Mapped[int] = mapped_column(Integer)
    referral_id: Mapped[str | None] = mapped_column(Encrypted("social_contract.referral_id"))
    referral_day: Mapped[date | None] = mapped_column(Date)
    received_referral_id: Mapped[str | None] = mapped_column(String(36))


class GoalRow(DueRow):
    """A goal of a social contract."""

    __tablename__ = "contract_goal"
    indexed = (("social_contract_id",), ("result",))

    social_contract_id: Mapped[str] = of_parent(ContractRow)
    what: Mapped[str] = mapped_column(Encrypted("contract_goal.what"))
    result: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)


class ActionRow(DueRow):
    """An action of a social contract; ``contract_goal_id`` is the goal that it serves, where it serves one."""

    __tablename__ = "contract_action"
    indexed = (("social_contract_id",), ("contract_goal_id",), ("who",), ("code",), ("result",))

    social_contract_id: Mapped[str] = of_parent(ContractRow)
    contract_goal_id: Mapped[str | None] = mapped_column(String(36))
    what: Mapped[str] = mapped_column(Encrypted("contract_action.what"))
    who: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(10))
    result: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)


class ContractReviewRow(DueRow):
    """A review of a social contract."""

    __tablename__ = "contract_review"
    indexed = (("social_contract_id",), ("result",))

    social_contract_id: Mapped[str] = of_parent(ContractRow)
    result: Mapped[str | None] = mapped_column(String(20))
    held_on: Mapped[date | None] = mapped_column(Date)


class SignatureRow(DueRow):
    """A signature under a social contract, awaited until it is given or refused."""

    __tablename__ = "contract_signature"
    indexed = (("social_contract_id",), ("who",), ("result",))

    social_contract_id: Mapped[str] = of_parent(ContractRow)
    who: Mapped[str] = mapped_column(String(20))
    result: Mapped[str | None] = mapped_column(String(20))
    signed_on: Mapped[date | None] = mapped_column(Date)


class HouseholdRow(PeriodRow):
    """A household (*gospodarstwo domowe*); its number stays here, an opaque id and numbers may leave."""

    __tablename__ = "household"

    number: Mapped[str] = mapped_column(Encrypted("household.number"))
    opaque_id: Mapped[str] = mapped_column(String(43), index=True)
    members: Mapped[int] = mapped_column(Integer)
    children: Mapped[int] = mapped_column(Integer)
    dependants: Mapped[int] = mapped_column(Integer)


class HouseholdMemberRow(PeriodRow):
    """Another member of a client's household (*członek gospodarstwa domowego*); nothing of one ever leaves."""

    __tablename__ = "household_member"
    indexed = (("household_id",), ("kinship",), ("care",), ("member_client_id",))

    household_id: Mapped[str] = of_parent(HouseholdRow)
    name: Mapped[str | None] = mapped_column(Encrypted("household_member.name"))
    kinship: Mapped[str] = mapped_column(String(20))
    care: Mapped[str] = mapped_column(String(20))
    birth_year: Mapped[int | None] = mapped_column(Integer)
    member_client_id: Mapped[str | None] = mapped_column(String(36))


class InterviewRow(DueRow):
    """A family interview (*rodzinny wywiad środowiskowy*)."""

    __tablename__ = "family_interview"
    indexed = (("household_id",), ("kind",), ("result",))

    household_id: Mapped[str | None] = of_parent(HouseholdRow)
    kind: Mapped[str] = mapped_column(String(20))
    result: Mapped[str | None] = mapped_column(String(20))
    held_on: Mapped[date | None] = mapped_column(Date)
    next_due: Mapped[date | None] = mapped_column(Date)


class ProgrammeRow(PeriodRow):
    """What a programme of activation holds; that there is one, its form of support tells."""

    __tablename__ = "activation_programme"
    indexed = (("support_form_id",), ("code",), ("result",))

    support_form_id: Mapped[str] = of_parent(SupportFormRow)
    code: Mapped[str] = mapped_column(String(10))
    social_contract_id: Mapped[str | None] = mapped_column(String(36))
    aim: Mapped[str] = mapped_column(Encrypted("activation_programme.aim"))
    result: Mapped[str | None] = mapped_column(String(20))


class AllowanceDecisionRow(PeriodRow):
    """A decision (*decyzja*) on an allowance; it is open until it is final."""

    __tablename__ = "allowance_decision"
    indexed = (("code",), ("outcome",), ("result",), ("benefit_id",), ("support_form_id",))

    number: Mapped[str] = mapped_column(Encrypted("allowance_decision.number"))
    decided_on: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(10))
    basis: Mapped[str] = mapped_column(String(20))
    amount_gr: Mapped[int | None] = mapped_column(BigInteger)
    benefit_id: Mapped[str | None] = mapped_column(String(36))
    support_form_id: Mapped[str | None] = mapped_column(String(36))
    result: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)


class CareCostRow(PeriodRow):
    """What the care of a child or a dependant costs while the client takes part in an activity."""

    __tablename__ = "care_cost"
    indexed = (("support_form_id",), ("cared_for",))

    support_form_id: Mapped[str] = of_parent(SupportFormRow)
    household_member_id: Mapped[str | None] = mapped_column(String(36))
    cared_for: Mapped[str] = mapped_column(String(20))
    hours: Mapped[int | None] = mapped_column(Integer)
    amount_gr: Mapped[int] = mapped_column(BigInteger)


class TargetGroupRow(RecordRow):
    """A target-group mark (*grupa docelowa*): which group, and since when, stand encrypted and never leave."""

    __tablename__ = "target_group_mark"

    group: Mapped[str] = mapped_column("target_group", Encrypted("target_group_mark.group"))
    since: Mapped[str] = mapped_column(Encrypted("target_group_mark.since"))
    ended_on: Mapped[str | None] = mapped_column(Encrypted("target_group_mark.ended_on"))
