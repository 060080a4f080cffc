"""The local API of an institution: no rule, no query and no failure is handled here."""
