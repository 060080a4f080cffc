"""``./dev bench degression``: the batch engine against copying its columns, and against the same rules in OpenFisca."""
