"""A whole federation in one process under one seed: time, ids, order and faults; the same seed is the same run."""
