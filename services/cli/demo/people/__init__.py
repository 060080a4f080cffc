"""The pilot's synthetic input: people, their histories at the offices and their jobs, the same for the same seed."""
