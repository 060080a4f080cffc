"""Rows that every institution keeps. Personal data stand encrypted; a PESEL is found by its blind index."""

from shared.institution.tables.benefit import AssessmentRow, BudgetRow, DecisionRow, PaymentRow
from shared.institution.tables.imports import ImportPageRow, ImportPartRow, ImportRow
from shared.institution.tables.records import (
    BenefitRow,
    ChangeHeadRow,
    ChangeRow,
    ClientRow,
    EmploymentEventRow,
    EmploymentRow,
    ExternalIdRow,
    IdempotencyRow,
    InstitutionBase,
    RecordRow,
    SupportFormRow,
    SuspicionRow,
)

__all__ = [
    "AssessmentRow",
    "BenefitRow",
    "BudgetRow",
    "ChangeHeadRow",
    "ChangeRow",
    "ClientRow",
    "DecisionRow",
    "EmploymentEventRow",
    "EmploymentRow",
    "ExternalIdRow",
    "IdempotencyRow",
    "ImportPageRow",
    "ImportPartRow",
    "ImportRow",
    "InstitutionBase",
    "PaymentRow",
    "RecordRow",
    "SupportFormRow",
    "SuspicionRow",
]
