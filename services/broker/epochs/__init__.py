"""Match keys that follow each other: which is in force, and which two tokens are one person while both are."""
