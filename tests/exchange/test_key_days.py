"""Keys that end are said in time: once a stage in the log, always in metrics and readiness."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from shared.exchange.key_days import DAY_S, KeyWatch, key_days
from shared.exchange.member_keys import MemberKey
from shared.runtime.metrics import Metrics
from tests.exchange.builders import KEYS, NOW, PUP, STRANGER, directory, member


def ending(days: int, seconds: int = 0) -> MemberKey:
    return MemberKey(KEYS[PUP].public, NOW - DAY_S, NOW + days * DAY_S + seconds)


@pytest.mark.parametrize(
    ("days", "stage"), [(31, None), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1), (-1, 0)]
)
def test_a_warning_is_due_at_each_stage(days: int, stage: int | None) -> None:
    [found] = key_days(directory(member(PUP, ending(days, 3600))), [PUP, "ops-2478011"], NOW)
    assert (found.days, found.stage) == (days, stage)


def test_the_last_key_to_end_counts_and_a_compromised_one_does_not() -> None:
    longer = MemberKey(STRANGER.public, NOW, NOW + 400 * DAY_S)
    assert [one.days for one in key_days(directory(member(PUP, ending(3), longer)), [PUP], NOW)] == [400]
    stolen = replace(longer, compromised_since=NOW)
    assert [one.days for one in key_days(directory(member(PUP, ending(3), stolen)), [PUP], NOW)] == [3]


def test_each_stage_is_logged_once_and_stands_in_metrics_until_a_new_key_comes() -> None:
    watch = KeyWatch(metrics := Metrics())
    said = []
    for day in range(40, -2, -1):
        with capture_logs() as logs:
            watch.look(key_days(directory(member(PUP, ending(day))), [PUP], NOW))
            watch.look(key_days(directory(member(PUP, ending(day))), [PUP], NOW))
        said += [(day, log["stage"]) for log in logs]
        assert metrics.registry.get_sample_value("zwornik_key_days", {"owner": PUP}) == day
        assert bool(watch.warnings) is (day <= 30)
    assert said == [(30, 30), (14, 14), (7, 7), (1, 1), (-1, 0)]
    assert watch.warnings == {f"key of {PUP}": "it has ended"}
    watch.look(key_days(directory(member(PUP, MemberKey(STRANGER.public, NOW, NOW + 400 * DAY_S))), [PUP], NOW))
    assert watch.warnings == {}
