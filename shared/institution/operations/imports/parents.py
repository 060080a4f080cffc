"""What the records of a file belong to: parts are named by the external id of the whole."""

from collections.abc import Mapping
from dataclasses import replace

from shared.domain.errors import NotFound
from shared.institution.imports.drafts import RecordDraft
from shared.institution.kinds import RecordKind

Key = tuple[str, str]
"""A kind of record, by its part of the URL, and an external id."""


class ParentUnknown(NotFound):
    """The office has no record of the external id to which this one is to belong; import that one first."""


def parent_of(kinds: Mapping[str, RecordKind], record: RecordDraft) -> Key | None:
    """Return under which name the record stands that this one belongs to; ``None`` if it belongs to none."""
    parent = kinds[record.path].parent if record.parent is not None else None
    return (parent.path, record.parent) if parent and record.parent is not None else None


def belonging(kinds: Mapping[str, RecordKind], record: RecordDraft, parent: str | None) -> RecordDraft:
    """Return a record that names the id of the one it belongs to.

    :raises ParentUnknown: there is none.
    """
    member = kinds[record.path].parent_id or ""
    if parent is None:
        raise ParentUnknown(field=member)
    return replace(record, body=record.body.model_copy(update={member: parent}))
