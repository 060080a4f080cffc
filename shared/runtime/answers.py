"""Routes that tell what they answer to whoever opened the database for them, before the answer goes out.

A service that logs reads hangs a listener on the session that it gives to its routes. No route has to remember it:
what is logged is what was answered, not what somebody meant to note.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from fastapi.routing import APIRoute

from shared.runtime.database.engine import Session

Listener = Callable[[Mapping[str, Any], Any], None]
"""Is given what an endpoint was called with, and what it returned."""

A = TypeVar("A")
_LISTENER = "listener"


def listen(session: Session, listener: Listener) -> None:
    """Tell a listener what the route that works with this session answers."""
    session.info[_LISTENER] = listener


def told(session: Session, body: Any, answer: A) -> A:
    """Return an answer of which the listener can read nothing, after telling the body that it was made of."""
    if listener := session.info.get(_LISTENER):
        listener({}, body)
    return answer


class AnsweringRoute(APIRoute):
    """A route whose answer is told to the listener of its session, if there is one."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _telling(endpoint), **options)


def _telling(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(endpoint)
    async def answering(**given: Any) -> Any:
        answer = await endpoint(**given)
        for value in given.values():
            session = _session_of(value)
            if session is not None and (listener := session.info.get(_LISTENER)):
                listener(given, answer)
        return answer

    return answering


def _session_of(value: Any) -> Session | None:
    """Return the session that an endpoint was given, as it is or inside a unit of work."""
    held = value if isinstance(value, Session) else getattr(value, "__dict__", {}).get("session")
    return held if isinstance(held, Session) else None
