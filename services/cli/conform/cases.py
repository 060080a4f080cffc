"""Cases: what is sent, what the standard expects, and what came; each stands alone and is told in plain words."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from shared.domain.errors import DomainError
from shared.exchange.client.broker import Unreachable
from shared.runtime.clock import Clock

Player = TypeVar("Player")


class Deviation(Exception):
    """The node did something else than the standard says; the text is what came."""


@dataclass(frozen=True, slots=True)
class Case(Generic[Player]):
    """One case; ``run`` returns what came, or raises a deviation."""

    name: str
    section: str
    sent: str
    expected: str
    run: Callable[[Player], Awaitable[str]]


@dataclass(slots=True)
class Suite(Generic[Player]):
    """The cases of one section of the standard, in the order in which they run."""

    section: str
    cases: list[Case[Player]] = field(default_factory=list)

    def case(
        self, name: str, *, sent: str, expected: str
    ) -> Callable[[Callable[[Player], Awaitable[str]]], Callable[[Player], Awaitable[str]]]:
        """Add the decorated function as a case."""

        def add(run: Callable[[Player], Awaitable[str]]) -> Callable[[Player], Awaitable[str]]:
            self.cases.append(Case(name, self.section, sent, expected, run))
            return run

        return add


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went; ``seconds`` is how long it took."""

    name: str
    section: str
    sent: str
    expected: str
    passed: bool
    came: str
    seconds: float


async def try_case(case: Case[Player], player: Player, clock: Clock) -> Outcome:
    """Run one case. Whatever the node does fails the case alone, never the run."""
    began = clock.monotonic()
    try:
        came, passed = await case.run(player), True
    except Deviation as deviation:
        came, passed = str(deviation), False
    except Unreachable as failure:
        came, passed = f"no answer ({failure})", False
    except DomainError as failure:
        came, passed = failure.detail, False
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        came, passed = f"an answer of another form than the standard's ({type(failure).__name__}: {failure})", False
    return Outcome(case.name, case.section, case.sent, case.expected, passed, came, clock.monotonic() - began)


def expect(holds: bool, came: str) -> str:
    """Return what came if it is as expected.

    :raises Deviation: it is not.
    """
    if not holds:
        raise Deviation(came)
    return came


def chosen(cases: Sequence[Case[Player]], patterns: Sequence[str]) -> list[Case[Player]]:
    """Return the cases whose name fits a pattern, all where there is none.

    >>> async def run(_: None) -> str: return ""
    >>> cases = [Case(name, "", "", "", run) for name in ("proof-type", "proof-target", "stream-gap")]
    >>> [case.name for case in chosen(cases, ["proof-t*"])], len(chosen(cases, []))
    (['proof-type', 'proof-target'], 3)
    """
    return [case for case in cases if not patterns or any(fnmatchcase(case.name, pattern) for pattern in patterns)]


def unmatched(cases: Sequence[Case[Any]], patterns: Sequence[str]) -> Iterator[str]:
    """Yield the patterns that fit no case: a typing error that must not pass as a success."""
    yield from (pattern for pattern in patterns if not any(fnmatchcase(case.name, pattern) for case in cases))
