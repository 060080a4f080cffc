"""When records arrive at an office, seen from outside: its own database file is looked at, its processes are not asked.

SQLite tells in a few microseconds whether another connection has committed anything; only then are rows read. So
each record's arrival is known to about a millisecond, and the office is hardly disturbed.
"""

import asyncio
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

LOOK_S = 0.001
_NEW = "SELECT rowid, key FROM shared_record WHERE rowid > ? AND iss = ? ORDER BY rowid"


@dataclass
class Arrivals:
    """Moments, on this process's monotonic clock, at which records of ``author`` could be read at an office."""

    database: Path
    author: str
    at: dict[str, float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Look until cancelled."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, isolation_level=None)
        try:
            last = connection.execute("SELECT coalesce(max(rowid), 0) FROM shared_record").fetchone()[0]
            seen = -1
            while True:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    seen = version
                    rows = connection.execute(_NEW, (last, self.author)).fetchall()
                    self.at |= {key: time.perf_counter() for _, key in rows if key not in self.at}
                    last = rows[-1][0] if rows else last
                await asyncio.sleep(LOOK_S)
        finally:
            connection.close()
