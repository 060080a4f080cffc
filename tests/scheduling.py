"""Which tests share something costly and therefore run on one worker: a demo that runs once, databases of one name.

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


class TogetherScheduling(LoadGroupScheduling):
    """Gives tests out one by one, but those of a group to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)
