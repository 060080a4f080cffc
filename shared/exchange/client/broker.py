"""The one HTTP client: an institution calls the broker with a proof and checks the proof of the answer.

A client told that its proof came too early or too late corrects its clock by the stated skew (at most an hour, from
an answer that the broker signed), warns, and tries once more. One told that its content is not what it signed was
altered on its way: it warns, and makes the call again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx2
import structlog

from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.domain.strict_json import strict_json
from shared.exchange.client.answers import Word, problem_said, seconds
from shared.exchange.client.silence import why_silent
from shared.exchange.directory import MAX_DIRECTORY_BYTES, Directory
from shared.exchange.identity import Identity
from shared.exchange.proofs.problems import ProofDigest
from shared.exchange.proofs.request import HEADER, Call, sign_request
from shared.exchange.proofs.response import check_response
from shared.runtime.clock import Clock, unix
from shared.runtime.ids import Ids
from shared.runtime.problems.catalogue import URN

Transport = httpx2.AsyncBaseTransport
"""How calls travel: over sockets, or inside one process under a test or a simulation."""

MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_SKEW_S = 3600
ALTERED_AGAIN = 2
"""A call whose content was altered on its way is made again this often, each under a new proof."""

_TIME_PROBLEMS = frozenset({"proof-expired", "proof-not-yet-valid"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class InsecureUrl(ValueError):
    """A peer is reached by https, or over loopback alone."""


class Unreachable(Exception):
    """The broker did not answer, or not as itself; try again later.

    ``unproven`` is the problem that an answer without its proof names: anybody on the way could have named it.
    """

    def __init__(self, detail: str, unproven: str | None = None) -> None:
        super().__init__(detail + (f" Unproven, it says {unproven}." if unproven else ""))
        self.unproven = unproven


class Refused(DomainError):
    """The broker refused the call with a problem."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after_s: float | None) -> None:
        self.problem = str(problem.get("type", "")).removeprefix(URN) or "internal"  # type: ignore[misc]
        super().__init__(str(problem.get("detail", ""))[:500], expected=problem.get("expected"))
        self.status = status
        self.retryable = bool(problem.get("retryable", status >= 500))
        self.retry_after_s = retry_after_s
        self.clock_skew_s = problem.get("clock_skew_s")


def require_secure(url: str) -> SplitResult:
    """Return the parts of a URL that a proof or a token may be sent to.

    :raises InsecureUrl: it is not https, and not http to this machine itself; or it names no host, or a user; or it
        is no URL.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        raise InsecureUrl("this is no URL; a peer is reached by https://its.name") from None
    if (
        not parts.hostname
        or "@" in parts.netloc
        or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))
    ):
        raise InsecureUrl(f"{parts.scheme}://{parts.hostname} is refused: a peer is reached by https")
    return parts


@dataclass
class BrokerClient:
    """Calls the broker as one institution."""

    identity: Identity
    base_url: str
    clock: Clock
    ids: Ids
    transport: Transport | None = None
    directory: Directory | None = None
    skew_s: int = 0
    _http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        url = require_secure(self.base_url)
        self._base_path = url.path.rstrip("/")
        self._origin = f"{url.scheme}://{url.netloc}"
        self._http = httpx2.AsyncClient(
            transport=self.transport,
            timeout=httpx2.Timeout(10, read=40),
            trust_env=False,
            follow_redirects=False,
            verify=url.scheme == "https",  # over plain loopback there is no certificate, and reading all roots is slow
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def call(
        self, method: str, path: str, content: object = None, *, reading: Mapping[str, str] | None = None
    ) -> Any:
        """Make a call with a proof and return the JSON of the answer.

        :raises Refused: the broker answered with a problem.
        :raises Unreachable: no answer, or one whose proof does not hold.
        """
        answer = (await self.word(method, path, content, reading=reading)).body
        return _json(answer) if answer else None

    async def word(
        self, method: str, path: str, content: object = None, *, reading: Mapping[str, str] | None = None
    ) -> Word:
        """Make a call with a proof and return the answer with its proof.

        :raises Refused: the broker answered with a problem.
        :raises Unreachable: no answer, or one whose proof does not hold.
        """
        left = ALTERED_AGAIN
        while True:
            try:
                return await self._in_time(method, path, content, reading)
            except Refused as refused:
                if refused.problem != ProofDigest.problem or not left:
                    raise
                left -= 1
                structlog.get_logger().warning("a call was altered on its way and is made again", left=left)

    async def _in_time(self, method: str, path: str, content: object, reading: Mapping[str, str] | None) -> Word:
        """Make a call; correct the clock by the broker's word, and try once more."""
        try:
            return await self._call(method, path, content, reading)
        except Refused as refused:
            if refused.problem not in _TIME_PROBLEMS or not isinstance(refused.clock_skew_s, int):
                raise
            corrected = self.skew_s - refused.clock_skew_s
            if abs(corrected) > MAX_SKEW_S:
                raise
            self.skew_s = corrected
            structlog.get_logger().warning("clock corrected by the broker's answer", skew_s=corrected)
            return await self._call(method, path, content, reading)

    async def fetch(self, path: str, *, etag: str | None = None) -> tuple[int, str, str | None]:
        """Read a public resource; return status, text and ETag.

        :raises Unreachable: no answer.
        """
        headers = {"If-None-Match": etag} if etag else {}
        status, body, answered = await self._send("GET", path, b"", headers, MAX_DIRECTORY_BYTES)
        return status, body.decode("utf-8", "replace"), answered.get("etag")

    async def post_unsigned(self, path: str, content: object) -> tuple[int, Any]:
        """Send what proves itself (a registration statement); return status and JSON."""
        headers = {"Content-Type": "application/json"}
        status, body, _ = await self._send("POST", path, json.dumps(content).encode(), headers, MAX_ANSWER_BYTES)
        return status, _json(body)

    @property
    def base_path(self) -> str:
        """Return the path under which the broker is reached; targets of proofs begin with it."""
        return self._base_path

    async def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Send bytes under any headers; return status, body and headers unchecked: for whoever tests a broker.

        :raises Unreachable: no answer.
        """
        return await self._send(method, path, body, headers, MAX_ANSWER_BYTES)

    async def _call(self, method: str, path: str, content: object, reading: Mapping[str, str] | None) -> Word:
        now = unix(self.clock.now()) + self.skew_s
        body = b"" if content is None else json.dumps(content, separators=(",", ":")).encode()
        jti = self.ids.uuid7()
        call = Call(method=method, target=self._base_path + path, body=body, aud=BROKER, now=now)
        proof = sign_request(self.identity.signing_key(self.directory, now), self.identity.id, call, jti, reading)
        headers = {HEADER: proof} | ({"Content-Type": "application/json"} if body else {})
        status, answer, answered = await self._send(method, path, body, headers, MAX_ANSWER_BYTES)
        word = Word(jti, self._checked(answered.get(HEADER), jti, status, answer), answer)
        if status >= 400:
            problem = _json(answer)
            raise Refused(status, problem if isinstance(problem, dict) else {}, seconds(answered.get("retry-after")))
        return word

    def _checked(self, proof: str | None, jti: str, status: int, body: bytes) -> str:
        if self.directory is None:
            raise Unreachable("There is no directory yet to check the broker's answer with.")
        try:
            check_response(
                proof,
                aud=self.identity.id,
                req_jti=jti,
                status=status,
                body=body,
                directory=self.directory,
            )
        except DomainError as failure:
            said = problem_said(body) if status >= 400 else None
            raise Unreachable(f"The answer is not the broker's: {failure.detail}", said) from None
        return proof or ""

    async def _send(
        self, method: str, path: str, body: bytes, headers: dict[str, str], limit: int
    ) -> tuple[int, bytes, httpx2.Headers]:
        url = self._origin + self._base_path + path
        try:
            async with self._http.stream(method, url, content=body, headers=headers) as answer:
                chunks, size = [], 0
                async for chunk in answer.aiter_bytes():
                    size += len(chunk)
                    if size > limit:
                        raise Unreachable(f"The answer is larger than {limit} bytes.")
                    chunks.append(chunk)
                return answer.status_code, b"".join(chunks), answer.headers
        except httpx2.HTTPError as failure:
            raise Unreachable(why_silent(failure)) from None


def _json(body: bytes) -> Any:
    try:
        return strict_json(body)
    except ValueError:
        raise Unreachable("The answer is not JSON.") from None
