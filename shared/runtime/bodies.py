"""Bodies of requests: every route reads JSON strictly, as the wire and the files of cases do.

Numbers are left to the model of the body, which names the member and what it takes.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from shared.domain.strict_json import strict_json


class JsonRequest(Request):
    """A request whose JSON has one meaning."""

    async def json(self) -> Any:
        """Return the body as JSON.

        :raises JsonMalformed: it is not UTF-8, not JSON, or names a member twice.
        """
        return strict_json(await self.body(), any_value=True)


class JsonRoute(APIRoute):
    """A route that reads its body so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answer_strictly(request: Request) -> Response:
            return await answer(JsonRequest(request.scope, request.receive))

        return answer_strictly
