"""When an institution is reconciled: at 03:30 in Warsaw and up to an hour later, spread by a hash of its id.

>>> from datetime import UTC
>>> due_day(datetime(2026, 10, 1, 3, 0, tzinfo=UTC), "pup-2478")
datetime.date(2026, 10, 1)
>>> due_day(datetime(2026, 10, 1, 1, 0, tzinfo=UTC), "pup-2478") is None
True
"""

import hashlib
from datetime import date, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

ZONE = "Europe/Warsaw"
SPREAD_S = 3600
LATE = timedelta(hours=4)
"""A broker that starts later than this leaves the run to the next night."""

_NIGHTLY = CronTrigger(hour=3, minute=30, timezone=ZONE)


def due_day(now: datetime, institution: str) -> date | None:
    """Return the day whose run of an institution is due now, or ``None``."""
    spread = timedelta(seconds=int.from_bytes(hashlib.sha256(institution.encode()).digest()[:4]) % SPREAD_S)
    fires: datetime | None = _NIGHTLY.get_next_fire_time(None, now - spread - LATE)
    return fires.date() if fires is not None and fires + spread <= now else None
