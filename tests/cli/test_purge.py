"""``zwornik purge`` as an office's official runs it, against a service of its own process."""

from pathlib import Path

import pytest

from tests.cli.command import zwornik
from tests.cli.places import member
from tests.cli.serving import served


@pytest.mark.long
def test_a_purge_says_what_is_over_its_term_and_takes_the_scope_of_data_protection(tmp_path: Path) -> None:
    env = member(tmp_path / "pup")
    with served("pup", env, tmp_path) as running:
        for scope, status in (("data:protect", 0), ("clients:read", 1)):
            token = zwornik("token", "pup", "--subject", "inspector", "--scope", scope, env=env).out.strip()
            said = zwornik("purge", "--dry-run", env={"ZWORNIK_URL": running.url, "ZWORNIK_TOKEN": token})
            assert said.status == status
            assert said.out == ("nothing is over its term of keeping\n" if status == 0 else "")
