"""Why a service did not answer, in words for whoever has to look: never the name of an exception of a library."""

import socket
import ssl
from collections.abc import Iterator

import httpx2

_BROKEN_OFF = "the connection broke before the answer was there"


def why_silent(failure: httpx2.HTTPError) -> str:
    """Return why a call got no answer.

    >>> why_silent(httpx2.ConnectError("refused"))
    'nothing takes connections there'
    >>> why_silent(httpx2.ReadTimeout("slow"))
    'it took the call and did not answer in time'
    """
    causes = list(_causes(failure))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return "its certificate does not hold here"
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "it does not speak TLS as it should"
    if any(isinstance(one, socket.gaierror) for one in causes):
        return "its name is not known"
    if isinstance(failure, httpx2.ConnectError):
        return "nothing takes connections there"
    if isinstance(failure, (httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return "no connection came about in time"
    if isinstance(failure, httpx2.TimeoutException):
        return "it took the call and did not answer in time"
    return _BROKEN_OFF if isinstance(failure, httpx2.TransportError) else "what it answered is no HTTP"


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        if isinstance(failure, BaseExceptionGroup):
            for one in failure.exceptions:
                yield from _causes(one)
        failure = failure.__cause__ or failure.__context__
