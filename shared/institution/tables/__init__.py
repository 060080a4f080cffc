"""Rows that every institution keeps. Personal data stand encrypted; a PESEL is found by its blind index."""

from shared.institution.tables.benefit import AssessmentRow, BudgetRow, DecisionRow, PaymentRow
from shared.institution.tables.records import (
    BenefitRow,
    ChangeHeadRow,
    ChangeRow,
    ClientRow,
    DueRow,
    EmploymentEventRow,
    EmploymentRow,
    ExternalIdRow,
    IdempotencyRow,
    InstitutionBase,
    PeriodRow,
    RecordRow,
    SupportFormRow,
    SuspicionRow,
    of_parent,
)

__all__ = [
    "AssessmentRow",
    "BenefitRow",
    "BudgetRow",
    "ChangeHeadRow",
    "ChangeRow",
    "ClientRow",
    "DecisionRow",
    "DueRow",
    "EmploymentEventRow",
    "EmploymentRow",
    "ExternalIdRow",
    "IdempotencyRow",
    "InstitutionBase",
    "PaymentRow",
    "PeriodRow",
    "RecordRow",
    "SupportFormRow",
    "SuspicionRow",
    "of_parent",
]
