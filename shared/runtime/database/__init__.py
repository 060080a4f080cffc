"""The database of a node: SQLite embedded by default, PostgreSQL where there is one."""
