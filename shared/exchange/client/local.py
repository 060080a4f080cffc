"""Calls of a local API under a bearer token: for the command line, and for whoever loads an institution."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, Self

import httpx2

from shared.exchange.client.broker import Transport, Unreachable, require_secure
from shared.exchange.client.silence import why_silent

_TOKEN = re.compile(r"[!-~]+")


class MalformedToken(Exception):
    """A bearer token is of printable ASCII letters without spaces."""


class Answered(Exception):
    """The service answered with a problem."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('detail', '')}")
        self.status = status
        self.problem = problem

    @property
    def name(self) -> str:
        """Return the name of the problem."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


class LocalClient:
    """One caller of one local API, over https or on this machine: a token goes nowhere else, nor after a redirect."""

    def __init__(
        self, base_url: str, token: str | None = None, *, timeout_s: float = 30, transport: Transport | None = None
    ) -> None:
        """Open no connection yet.

        :raises InsecureUrl: the token would go over the network in the clear.
        :raises MalformedToken: it can be no token, and could not be sent.
        """
        require_secure(base_url)
        if token and not _TOKEN.fullmatch(token):
            raise MalformedToken("the token has letters that no token has")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
            transport=transport,
            verify=base_url.startswith("https:"),  # over plain http there is no certificate to verify
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Make a call and return the JSON of the answer; ``key`` makes a repeated call harmless.

        :raises Answered: the service refused it.
        :raises Unreachable: the service did not answer.
        """
        headers = {"Idempotency-Key": key} if key else {}
        try:
            answer = await self._http.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError as failure:
            raise Unreachable(why_silent(failure)) from None
        return _accepted(answer)

    async def upload(self, path: str, media_type: str, content: AsyncIterator[bytes]) -> Any:
        """Send a file piece by piece and return the JSON of the answer.

        :raises Answered: the service refused it.
        :raises Unreachable: the service did not answer.
        """
        try:
            answer = await self._http.post(path, content=content, headers={"Content-Type": media_type})
        except httpx2.HTTPError as failure:
            raise Unreachable(why_silent(failure)) from None
        return _accepted(answer)

    async def download(self, path: str) -> AsyncIterator[bytes]:
        """Return what the service answers, piece by piece.

        :raises Answered: the service refused it.
        :raises Unreachable: the service did not answer to the end.
        """
        try:
            async with self._http.stream("GET", path) as answer:
                if answer.status_code >= 400:
                    await answer.aread()
                    _accepted(answer)
                async for piece in answer.aiter_bytes():
                    yield piece
        except httpx2.HTTPError as failure:
            raise Unreachable(why_silent(failure)) from None

    async def date_of(self, path: str) -> str | None:
        """Return the time that a service's answer carries.

        :raises Unreachable: the service did not answer.
        """
        try:
            date: str | None = (await self._http.get(path)).headers.get("date")
        except httpx2.HTTPError as failure:
            raise Unreachable(why_silent(failure)) from None
        return date


def _accepted(answer: httpx2.Response) -> Any:
    content = _content(answer)
    if answer.status_code >= 400:
        raise Answered(answer.status_code, content if isinstance(content, dict) else {})
    return content


def _content(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except json.JSONDecodeError:
        return answer.text
