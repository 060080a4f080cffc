"""What the records of a file name: the record that they belong to, and others, each by its external id."""

from collections.abc import Mapping
from dataclasses import replace

from shared.domain.errors import NotFound
from shared.institution.imports.drafts import RecordDraft
from shared.institution.kinds import RecordKind

Key = tuple[str, str]
"""A kind of record, by its part of the URL, and an external id."""


class ParentUnknown(NotFound):
    """The office has no record of the external id that this one names; import that one first."""


def named_by(kinds: Mapping[str, RecordKind], record: RecordDraft) -> Mapping[str, Key]:
    """Return under which names the records stand that this one names, by its members."""
    if not record.named:
        return {}
    paths = kinds[record.path].named
    return {member: (paths[member], name) for member, name in record.named.items()}


def naming(record: RecordDraft, ids: Mapping[str, str | None]) -> RecordDraft:
    """Return a record that names others by their ids.

    :raises ParentUnknown: there is none of a name.
    """
    for member, one in ids.items():
        if one is None:
            raise ParentUnknown(field=member)
    return replace(record, body=record.body.model_copy(update=dict(ids))) if ids else record
