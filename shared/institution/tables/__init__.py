"""Rows that every institution keeps. Personal data stand encrypted; a PESEL is found by its blind index."""

from shared.institution.tables.access import AccessPersonRow, AccessRow
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

__all__ = [
    "AccessPersonRow",
    "AccessRow",
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
    "HouseholdIncomeRow",
    "IdempotencyRow",
    "InstitutionBase",
    "PaymentRow",
    "PeriodRow",
    "RecordRow",
    "SupportFormRow",
    "SuspicionRow",
    "WorkCostRow",
    "of_parent",
]
