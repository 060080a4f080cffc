"""Rows that every institution keeps. Personal data stand encrypted; a PESEL is found by its blind index."""

from shared.institution.tables.access import AccessAnswerRow, AccessPersonRow, AccessRequestRow, AccessRow
from shared.institution.tables.benefit import AssessmentRow, BudgetRow, DecisionRow, PaymentRow
from shared.institution.tables.imports import ImportPageRow, ImportPartRow, ImportRow
from shared.institution.tables.protection import ErasureRow, LegalHoldRow, PurgeRow, SubjectRequestRow
from shared.institution.tables.records import (
    BenefitRow,
    ChangeHeadRow,
    ChangeRow,
    ClientRow,
    DueRow,
    EmploymentEventRow,
    EmploymentRow,
    ExternalIdRow,
    HouseholdIncomeRow,
    IdempotencyRow,
    InstitutionBase,
    PeriodRow,
    RecordRow,
    SupportFormRow,
    SuspicionRow,
    WorkCostRow,
    of_parent,
)
from shared.institution.tables.sharing import ClientMembersRow, FormerTokenRow

__all__ = [
    "AccessAnswerRow",
    "AccessPersonRow",
    "AccessRequestRow",
    "AccessRow",
    "AssessmentRow",
    "BenefitRow",
    "BudgetRow",
    "ChangeHeadRow",
    "ChangeRow",
    "ClientMembersRow",
    "ClientRow",
    "DecisionRow",
    "DueRow",
    "EmploymentEventRow",
    "EmploymentRow",
    "ErasureRow",
    "ExternalIdRow",
    "FormerTokenRow",
    "HouseholdIncomeRow",
    "IdempotencyRow",
    "ImportPageRow",
    "ImportPartRow",
    "ImportRow",
    "InstitutionBase",
    "LegalHoldRow",
    "PaymentRow",
    "PeriodRow",
    "PurgeRow",
    "RecordRow",
    "SubjectRequestRow",
    "SupportFormRow",
    "SuspicionRow",
    "WorkCostRow",
    "of_parent",
]
