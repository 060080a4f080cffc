"""``python -m services.cli`` is ``zwornik``."""

from services.cli.main import main

main()
