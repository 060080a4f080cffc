"""The degressive benefit at an institution: assessments, decisions, books, payments, letters."""
