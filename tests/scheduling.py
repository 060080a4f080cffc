"""Which tests share something costly and run on one worker, and which meet one of the databases in the long tier alone.

The marks of pytest-xdist for this do nothing under pytest 9.2, whose node ids cannot be given a suffix.
"""

from typing import Final
from zlib import crc32

from xdist.scheduler import LoadGroupScheduling

TOGETHER: Final = {
    "tests/demo/test_run.py": "a demo",
    "tests/demo/test_keep.py": "a demo",
    "tests/demo/test_leaks.py": "a demo",
    "tests/demo/test_long.py": "the whole pilot",
    "tests/cli/test_doctor.py": "a broker",
}

DATABASES: Final = ("sqlite", "postgresql")

_TURNS: Final = ("sqlite", "sqlite", "sqlite", "sqlite", "sqlite", "postgresql")
"""A story takes about twice as long on PostgreSQL."""

BY_TURNS: Final = ("tests/conform/", "tests/federation/", "tests/institution/", "tests/reconciliation/")
"""Folders of stories of which the short tier runs each on one database, by turns, and the long tier on both."""

ALWAYS_ON_BOTH: Final = frozenset(
    {
        "test_at_rest",
        "test_at_the_same_time",
        "test_imports",
        "test_lists",
        "test_polls_search",
        "test_restored_office",
        "test_server",
    }
)
"""Files of those folders whose outcome may turn on the database: locks, order, constraints, bulk writes."""


def waits_for_the_long_tier(nodeid: str, database: str) -> bool:
    """Tell whether a story meets this database in the long tier alone; by its name, so that every run says the same."""
    file, _, name = nodeid.partition("::")
    if not file.startswith(BY_TURNS) or file.rpartition("/")[2].removesuffix(".py") in ALWAYS_ON_BOTH:
        return False
    turn = crc32(f"{file}::{name.replace(database, '')}".encode()) % len(_TURNS)
    return _TURNS[turn] != database


class TogetherScheduling(LoadGroupScheduling):
    """Gives tests out one by one, but those of a group to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)
