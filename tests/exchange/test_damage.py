"""Damage of a stream against a plain list: what is found, and that only the true bytes mend it."""

import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reconciliation import bucket_digests, bucket_of, differing, mark, unmatched
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.damage import Damage, Held, Scrub, mended, runs
from tests.domain.builders import PROPERTY

START = chain_start("pup-2478", "broker", "5f" * 16)


def stream(length: int) -> list[Held]:
    """A whole stream as a plain list."""
    hashes = [hashlib.sha256(str(number).encode()).digest() for number in range(length)]
    return [Held(at, *pair) for at, pair in enumerate(zip(hashes, chains(START, hashes), strict=True), 1)]


def scrub(entries: list[Held], whole: list[Held]) -> Damage:
    scrubber = Scrub(START)
    scrubber.see(entries)
    return scrubber.finish(len(whole), whole[-1].chain if whole else START)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[list[Held], list[Held], set[int], set[int]]:
    """A stream, the same after damage, what was taken from it and what was altered in it."""
    whole = stream(draw(st.integers(0, 30)))
    positions = st.sets(st.integers(1, max(len(whole), 1)).filter(lambda at: at <= len(whole)), max_size=8)
    gone = draw(positions) if whole else set()
    altered = (draw(positions) if whole else set()) - gone
    entries = []
    for entry in whole:
        other = [replace(entry, whole=False), replace(entry, hash=b"h" * 32), replace(entry, chain=b"c" * 32)]
        if entry.position not in gone:
            entries.append(draw(st.sampled_from(other)) if entry.position in altered else entry)
    return whole, entries, gone, altered


@PROPERTY
@given(damaged())
def test_all_that_was_lost_is_found_and_nothing_is_whole_that_was_altered(
    case: tuple[list[Held], list[Held], set[int], set[int]],
) -> None:
    whole, entries, gone, altered = case
    found = scrub(entries, whole)
    assert list(found.lost) == sorted(gone)
    hidden = {at for at in altered if at - 1 in gone and at not in found.altered}
    assert altered - hidden <= set(found.altered)
    assert set(found.altered) <= altered | {at + 1 for at in altered}, "at most the entry behind an altered one besides"


@PROPERTY
@given(damaged())
def test_the_bytes_of_the_other_end_mend_the_stream_to_what_it_was(
    case: tuple[list[Held], list[Held], set[int], set[int]],
) -> None:
    whole, entries, _, _ = case
    held = {entry.position: entry for entry in entries}
    for _ in range(len(whole)):
        found = scrub([held[at] for at in sorted(held)], whole)
        for run in runs(found.positions):
            if run.start > 1 and run.start - 1 not in held:
                continue
            before = held[run.start - 1].chain if run.start > 1 else START
            after = held.get(run.stop)
            end = (after.hash, after.chain) if after else (None, whole[-1].chain)
            given_back = {at: whole[at - 1].hash for at in run}
            if chain := mended(run, before, given_back, end):
                held |= {at: Held(at, given_back[at], one) for at, one in zip(run, chain, strict=True)}
            else:
                held.pop(run.stop, None)  # the entry behind a lost one was altered too: it is asked for as well
    assert scrub([held[at] for at in sorted(held)], whole) == Damage([], [])
    assert [held[at] for at in sorted(held)] == whole


@PROPERTY
@given(st.integers(1, 20).flatmap(lambda length: st.tuples(st.just(length), st.integers(1, length))))
def test_another_past_mends_nothing(case: tuple[int, int]) -> None:
    length, position = case
    whole = stream(length)
    before = whole[position - 2].chain if position > 1 else START
    after = whole[position] if position < length else None
    end = (after.hash, after.chain) if after else (None, whole[-1].chain)
    run = range(position, position + 1)
    assert mended(run, before, {position: b"x" * 32}, end) is None
    assert mended(run, before, {}, end) is None


@PROPERTY
@given(st.integers(2, 20))
def test_a_long_loss_is_mended_piece_by_piece_and_a_false_piece_shows_at_the_end(length: int) -> None:
    whole = stream(length)
    first = mended(range(1, 2), START, {1: whole[0].hash}, None)
    assert first == [whole[0].chain]
    false = mended(range(1, 2), START, {1: b"x" * 32}, None)
    assert false is not None
    rest = {at: whole[at - 1].hash for at in range(2, length + 1)}
    head = (None, whole[-1].chain)
    assert mended(range(2, length + 1), first[0], rest, head) == [entry.chain for entry in whole[1:]]
    assert mended(range(2, length + 1), false[0], rest, head) is None


tokens = st.integers(0, 400).map(lambda number: f"1.{number}")
books = st.dictionaries(tokens, st.binary(min_size=2, max_size=2))


@PROPERTY
@given(books, books)
def test_two_sides_find_exactly_the_clients_that_they_know_differently(
    ours: dict[str, bytes], theirs: dict[str, bytes]
) -> None:
    buckets = differing(bucket_digests(ours), bucket_digests(theirs))
    named = [mark(token, digest) for token, digest in theirs.items() if bucket_of(token) in buckets]
    assert unmatched(ours, buckets, named) == sorted(t for t, digest in ours.items() if theirs.get(t) != digest)
    differ = {token for token in ours.keys() | theirs.keys() if ours.get(token) != theirs.get(token)}
    assert set(buckets) == {bucket_of(token) for token in differ}
