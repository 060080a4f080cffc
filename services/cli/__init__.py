"""The ``zwornik`` command."""
