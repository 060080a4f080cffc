"""What the demo measures at both ends of every stream."""

import pytest

from services.cli.demo.measure import End, _checkpoints_equal

STREAM = ("ops-2478011", "broker")


@pytest.mark.parametrize(
    ("here", "there", "equal"),
    [
        ((3, b"a"), (3, b"a"), True),
        ((0, b"a"), None, True),
        ((3, b"a"), (3, b"b"), False),
        ((3, b"a"), (2, b"a"), False),
        ((3, b"a"), None, False),
    ],
)
def test_a_stream_nobody_has_spoken_on_yet_is_no_difference(
    here: tuple[int, bytes], there: tuple[int, bytes] | None, equal: bool
) -> None:
    ends = {STREAM[0]: End(heads={STREAM: here}), STREAM[1]: End(heads={STREAM: there} if there else {})}
    assert _checkpoints_equal(ends) is equal


def test_no_streams_at_all_prove_nothing() -> None:
    assert not _checkpoints_equal({"broker": End()})
