"""A county labour office (*powiatowy urząd pracy*, PUP)."""
