"""No request hops between threads: what FastAPI calls for it is a coroutine, or it would run in a thread of a pool.

Forty threads would bound how many requests are served at once, and a simulation needs one thread (HOUSE.md).
"""

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.broker.routes import directory, operator, people, streams
from services.ops_api.main import OPS
from services.pup_api.main import PUP
from shared.institution.app import _ROUTERS
from shared.institution.routes.records import record_router

ROUTERS: list[APIRouter] = [
    *_ROUTERS,
    *PUP.own_routers,
    *OPS.own_routers,
    *(record_router(kind) for kind in {*PUP.kinds, *OPS.kinds}),
    *(streams.router, people.router, directory.router, operator.router),
]


def _called(dependant: Dependant) -> Iterator[Any]:
    if dependant.call is not None:
        yield dependant.call
    for one in dependant.dependencies:
        yield from _called(one)


def _waits(call: Any) -> bool:
    """Tell whether FastAPI calls it in the event loop."""
    seen = call if inspect.isfunction(call) else type(call).__call__
    return inspect.iscoroutinefunction(seen) or inspect.isasyncgenfunction(seen)


def test_nothing_that_serves_a_request_runs_in_a_thread() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 200
    called = {call for route in routes for call in _called(route.dependant)}
    assert sorted(call.__qualname__ for call in called if not _waits(call)) == []
