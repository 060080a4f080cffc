"""Many at once: up to 500 items in one transaction, each taken whole or refused with its own problem."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.domain.errors import DomainError, Invalid
from shared.institution.models.bulk import BulkAnswer, BulkItem
from shared.runtime.problems.handlers import invalid
from shared.runtime.problems.render import problem

MAX_ITEMS = 500
Item = TypeVar("Item", bound=BaseModel)


class BatchTooLarge(Invalid):
    """One bulk call holds at most 500 items."""

    problem = "batch-too-large"


def parsed(model: type[Item], items: Sequence[Any]) -> list[Item | DomainError]:
    """Return each item as its model, or why it is none.

    :raises BatchTooLarge: more than 500 items.
    """
    if len(items) > MAX_ITEMS:
        raise BatchTooLarge(expected=MAX_ITEMS, received=len(items))
    adapter: TypeAdapter[Item] = TypeAdapter(model)
    return [_parsed(adapter, item) for item in items]


async def each(items: Sequence[Item | DomainError], do: Callable[[Item], Awaitable[str]]) -> BulkAnswer:
    """Do something with each item that holds; ``do`` returns the id it made, and changes nothing when it refuses."""
    answers = []
    for number, item in enumerate(items):
        try:
            if isinstance(item, DomainError):
                raise item
            answers.append(BulkItem(index=number, status=201, id=await do(item)))
        except DomainError as failure:
            members = problem(failure)
            answers.append(BulkItem(index=number, status=members["status"], problem=members))
    return BulkAnswer(items=answers, taken=sum(answer.status == 201 for answer in answers))


def _parsed(adapter: TypeAdapter[Item], item: Any) -> Item | DomainError:
    try:
        return adapter.validate_python(item)
    except ValidationError as failure:
        return invalid(failure)
    except DomainError as failure:
        return failure
