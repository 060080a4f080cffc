"""Which tests share something costly and run on one worker, and which run on PostgreSQL in the long tier alone.

The marks of pytest-xdist for this do nothing under pytest 9.2, whose node ids cannot be given a suffix.
"""

from typing import Final

from xdist.scheduler import LoadGroupScheduling

TOGETHER: Final = {
    "tests/demo/test_run.py": "a demo",
    "tests/demo/test_keep.py": "a demo",
    "tests/demo/test_leaks.py": "a demo",
    "tests/demo/test_long.py": "the whole pilot",
    "tests/cli/test_doctor.py": "a broker",
}

ON_POSTGRESQL_IN_THE_LONG_TIER: Final = frozenset(
    {
        "test_access_requests",
        "test_authors_that_contradict_themselves",
        "test_benefit",
        "test_beside_the_schedule",
        "test_costs_beside",
        "test_disclosures",
        "test_false_answers",
        "test_files",
        "test_joining_a_case",
        "test_letters_of_a_case",
        "test_preview",
        "test_preview_input",
        "test_redriving",
        "test_second_offices",
        "test_the_next_case",
        "test_wrong_clocks",
    }
)
"""Files of stories whose outcome does not turn on the database; others run each test on both in the short tier too."""


class TogetherScheduling(LoadGroupScheduling):
    """Gives tests out one by one, but those of a group to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)
