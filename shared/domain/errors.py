"""The error tree of the domain: what can be wrong, in five kinds, without a word about HTTP.

::

    DomainError
    ├── Invalid      the input breaks a rule that the caller can mend; a ValueError too
    ├── NotFound     there is no such thing, or the caller may not know of it
    ├── Conflict     the input is right but meets a state that does not allow it
    ├── Forbidden    the caller is known and may not do this
    └── Untrusted    a signature, a key or a credential does not hold

A concrete error stands beside the code that raises it and is one docstring and a problem name. The name is the
last part of ``urn:zwornik:problem:<name>`` (WIRE.md, section 8). No error text ever carries personal data.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Something is wrong."""

    problem: ClassVar[str] = "request-invalid"

    def __init__(
        self,
        detail: str | None = None,
        *,
        field: str | None = None,
        expected: object = None,
        received: object = None,
        **members: Any,
    ) -> None:
        self.detail = detail or (type(self).__doc__ or "").partition("\n")[0]
        self.field = field
        self.expected = expected
        self.received = received
        self.members = members
        super().__init__(self.detail)


class Invalid(DomainError, ValueError):
    """The input breaks a rule.

    Being a ValueError, it is told with its whole path wherever a reader of bodies meets it, however deep inside.
    """


class NotFound(DomainError):
    """There is nothing here by that name, or you may not know of it."""

    problem = "not-found"


class Conflict(DomainError):
    """The present state does not allow this."""

    problem = "conflict"


class Forbidden(DomainError):
    """You may not do this."""

    problem = "forbidden"


class Untrusted(DomainError):
    """What came does not prove who sent it."""

    problem = "token-invalid"
