"""Applying drafts: the same operations as the API's, for some hundred lines in one transaction.

What these lines need is read before in a few statements. A line is taken whole or not at all: one that is refused after
it wrote something makes the transaction start anew, and then each line has a savepoint of its own.
"""

from collections.abc import Sequence

from shared.domain.errors import DomainError
from shared.institution.imports.drafts import Draft
from shared.institution.operations.imports.lines import Lines, Whose
from shared.institution.operations.imports.manner import Manner, Result
from shared.institution.operations.work import Work


class StartAnew(Exception):
    """A line was refused after it had written something: all is undone, and goes line by line."""


class ImportWork(Work):
    """A unit of work that can forget what a refused line wanted to tell."""

    def mark(self) -> tuple[int, int]:
        """Return how much is to be told so far."""
        return len(self._drafts), len(self._changes)

    def forget_since(self, mark: tuple[int, int]) -> None:
        """Forget what was to be told since a mark."""
        del self._drafts[mark[0] :], self._changes[mark[1] :]


async def apply(work: ImportWork, manner: Manner, drafts: Sequence[Draft]) -> Sequence[Result]:
    """Apply drafts.

    :raises StartAnew: see above.
    """
    lines = Lines(work, manner)
    await lines.look_up(drafts)
    found: list[Whose | DomainError] = []
    for draft in drafts:
        mark = work.mark()
        try:
            found.append(await lines.whose(draft))
        except DomainError as failure:
            if work.mark() != mark:
                raise StartAnew() from None
            found.append(failure)
    await work.session.flush()  # records go after their clients
    results = []
    for draft, whose in zip(drafts, found, strict=True):
        mark = work.mark()
        try:
            results.append(await lines.take(draft, whose))
        except DomainError as failure:
            if work.mark() != mark or (isinstance(whose, Whose) and whose.done != "unchanged"):
                raise StartAnew() from None
            results.append(Result("refused", failure=failure))
    await lines.save()
    return results


async def apply_one_by_one(work: ImportWork, manner: Manner, drafts: Sequence[Draft]) -> Sequence[Result]:
    """Apply drafts, each within a savepoint."""
    results = []
    for draft in drafts:
        mark, lines = work.mark(), Lines(work, manner)
        try:
            async with work.session.begin_nested():
                await lines.look_up([draft])
                whose = await lines.whose(draft)
                await work.session.flush()
                results.append(await lines.take(draft, whose))
                await lines.save()
        except DomainError as failure:
            work.forget_since(mark)
            results.append(Result("refused", failure=failure))
    return results
