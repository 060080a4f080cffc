"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from shared.runtime.database.encryption import PiiKeys

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Hash = LargeBinary(32)
"""A SHA-256 in bytes."""


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC: microseconds since 1970 on SQLite, ``timestamptz`` on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose the column type of the database."""
        native = DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a moment without a zone, then write it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return value if dialect.name == "postgresql" else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read it as UTC."""
        if value is None or isinstance(value, datetime):
            return value.astimezone(UTC) if value else None
        return _EPOCH + timedelta(microseconds=value)


class JsonText(TypeDecorator[Any]):
    """JSON as canonical text: keys sorted, no spaces, so that equal values have equal bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read JSON."""
        return None if value is None else json.loads(value)


class Encrypted(TypeDecorator[str]):
    """Text that stands encrypted in the database; the keys hang on the node's own engine."""

    impl = Text
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal the text for this column."""
        return None if value is None else keys_of(dialect).encrypt(value, self.context)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open the text."""
        return None if value is None else keys_of(dialect).decrypt(value, self.context)


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes that stand encrypted in the database, without the third that text would add."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Seal the bytes for this column."""
        return None if value is None else keys_of(dialect).seal(value, self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Open the bytes."""
        return None if value is None else keys_of(dialect).unseal(value, self.context)


def keys_of(dialect: Dialect) -> PiiKeys:
    """Return the keys that the node gave its engine."""
    keys = getattr(dialect, "pii_keys", None)
    if not isinstance(keys, PiiKeys):
        raise TypeError("This database was opened without keys for personal data.")
    return keys


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
