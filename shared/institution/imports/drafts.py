"""Drafts: what one line of a file asks for, checked as the API would check it, before any database is asked."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from shared.domain.errors import DomainError, Invalid
from shared.institution.imports.column_map import ColumnMap, MapBroken, MemberMap, NameMap, RecordMap
from shared.institution.imports.converters import CellUnreadable
from shared.institution.imports.readers import (
    Cells,
    LineRefused,
    NameEmpty,
    Places,
    condition,
    member_reader,
    name_reader,
)
from shared.institution.models.base import LocalModel
from shared.institution.models.clients import NewClient
from shared.runtime.problems.handlers import invalid

SOME_ID = "00000000-0000-0000-0000-000000000000"
"""Stands for the record that a draft belongs to until the database says which that is."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""What a line says where it says nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an institution keeps of a kind: its body, the member that names the record it belongs to, and others."""

    model: type[LocalModel]
    parent_id: str | None = None
    references: Set[str] = frozenset()


class LineMakesNothing(Invalid):
    """The line makes no client and no record: no condition of the column map holds for it."""


@dataclass(frozen=True, slots=True)
class ClientDraft:
    """Whose line it is; ``new`` where the line registers or amends the client."""

    name: str | None
    pesel: str | None
    new: NewClient | None


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A record by the name that the source system has for it; ``named`` are the names of others, by member."""

    path: str
    name: str
    body: LocalModel
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What one line asks for."""

    line: int
    client: ClientDraft
    records: Sequence[RecordDraft]


@dataclass(frozen=True, slots=True)
class Naming:
    """How names are made: ``require`` refuses what can be none, ``digest`` returns the keyed hash of a line."""

    require: Callable[[str], None]
    digest: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Body:
    """How the body of a record is read from a line."""

    model: type[LocalModel]
    constants: Mapping[str, Any]
    members: Sequence[tuple[str, Callable[[Cells], Any]]]
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Record:
    """How a record is read: when, under which name (a hash of the line where there is none), and its body."""

    path: str
    when: Callable[[Cells], bool]
    name: Callable[[Cells], str | None] | None
    body: _Body
    named: Mapping[str, Callable[[Cells], str | None]]


class Drafter:
    """Makes drafts of the rows of one table by one column map; what the map says is worked out once."""

    def __init__(self, column_map: ColumnMap, header: Sequence[str], kept: Mapping[str, Kept], naming: Naming) -> None:
        require_fits(column_map, kept)
        places = {name: number for number, name in enumerate(header)}
        client, new = column_map.client, column_map.client.members
        self._width, self._naming = len(header), naming
        self._name = name_reader(client.external_id, places, naming.require) if client.external_id else None
        self._pesel = member_reader("pesel", client.pesel, places) if client.pesel else None
        self._when = condition(client.when, places)
        self._new = _body(NewClient, {**new, "pesel": client.pesel}, places) if new and client.pesel else None
        self._whose = wanted_columns(column_map)[0]
        self._records = [_record(record, kept[record.kind], places, naming) for record in column_map.records]

    def draft(self, line: int, cells: Cells) -> Draft:
        """Return what a line asks for.

        :raises LineRefused: a cell, a rule of a record or the line as a whole does not hold.
        """
        if len(cells) != self._width:
            said = f"The line has {len(cells)} cells, the first line of the file {self._width}."
            raise LineRefused(CellUnreadable(said, expected=f"{self._width} cells"), None)
        client = self._client(cells)
        records = []
        for record in self._records:
            if record.when(cells):
                records.append(self._drafted(record, client, cells))
        if client.new is None and not records:
            raise LineRefused(LineMakesNothing(), None)
        return Draft(line, client, records)

    def _drafted(self, record: _Record, client: ClientDraft, cells: Cells) -> RecordDraft:
        said = {member: read(cells) for member, read in record.named.items()}
        named = {member: name for member, name in said.items() if name is not None}
        members, body = _made(record.body, cells, dict.fromkeys(named, SOME_ID))
        if record.name is None:
            name: str | None = self._naming.digest(_said(record.path, client, members | named))
        else:
            name = record.name(cells)
        if name is None:
            raise LineRefused(NameEmpty(), None)
        return RecordDraft(record.path, name, body, named)

    def _client(self, cells: Cells) -> ClientDraft:
        name = self._name(cells) if self._name else None
        if self._new is not None and self._when(cells):
            body = _made(self._new, cells)[1]
            assert isinstance(body, NewClient)  # noqa: S101  # the model is given above
            return ClientDraft(name, body.pesel, body)
        pesel = self._pesel(cells) if self._pesel else None
        if name is None and pesel is None:
            raise LineRefused(NameEmpty("The line does not say whose it is."), self._whose)
        return ClientDraft(name, pesel, None)


def _said(path: str, client: ClientDraft, members: Mapping[str, Any]) -> str:
    """Return what a line says of a record, whichever order its map names the members in."""
    said = (f"{member}={members[member]}" for member in sorted(members))
    return "\x1f".join((path, client.name or client.pesel or "", *said))


def _record(record: RecordMap, kept: Kept, places: Places, naming: Naming) -> _Record:
    names = record.external_id
    name = name_reader(names, places, naming.require) if isinstance(names, NameMap) else None
    others = dict(record.references)
    if record.parent and kept.parent_id:
        others[kept.parent_id] = record.parent
    named = {member: name_reader(one, places, naming.require) for member, one in others.items()}
    body = _body(kept.model, record.members, places)
    body.columns.update({member: one.columns[0] for member, one in others.items()})
    return _Record(record.kind, condition(record.when, places), name, body, named)


def _body(model: type[LocalModel], members: Mapping[str, MemberMap], places: Places) -> _Body:
    read = [(member, member_reader(member, where, places)) for member, where in members.items() if where.column]
    constants = {member: where.constant for member, where in members.items() if where.column is None}
    columns = {member: where.column for member, where in members.items() if where.column}
    return _Body(model, constants, read, columns)


def _made(body: _Body, cells: Cells, besides: Mapping[str, Any] = NOTHING) -> tuple[dict[str, Any], LocalModel]:
    values = dict(body.constants)
    for member, read in body.members:
        value = read(cells)
        if value is not None:
            values[member] = value
    try:
        return values, body.model.model_validate({**values, **besides})
    except ValidationError as wrong:
        failure = invalid(wrong)
    except DomainError as wrong:
        failure = wrong
    raise LineRefused(failure, body.columns.get((failure.field or "").partition(".")[0]))


def wanted_columns(column_map: ColumnMap) -> list[str]:
    """Return the columns that a map names, each once, in its order."""
    client = column_map.client
    wanted = list(client.external_id.columns) if client.external_id else []
    places = [client.pesel, client.when, *client.members.values()]
    for record in column_map.records:
        wanted += record.external_id.columns if isinstance(record.external_id, NameMap) else []
        for named in (record.parent, *record.references.values()):
            wanted += named.columns if named else []
        places += [record.when, *record.members.values()]
    return list(dict.fromkeys([*wanted, *(place.column for place in places if place and place.column)]))


def require_fits(column_map: ColumnMap, kept: Mapping[str, Kept]) -> None:
    """Refuse a map that names kinds or members which this institution does not keep, or leaves out what must be.

    :raises MapBroken: and says where.
    """
    _require_members("client", column_map.client.members, NewClient, given={"pesel"})
    for number, record in enumerate(column_map.records):
        where, kind = f"records.{number}", kept.get(record.kind)
        if kind is None:
            raise MapBroken(f"{where}: this institution keeps no {record.kind}.", expected=sorted(kept))
        if record.parent and kind.parent_id is None:
            raise MapBroken(f"{where}.parent: {record.kind} belong to no other record.")
        if kind.parent_id in record.members:
            raise MapBroken(f"{where}.members: name the record it belongs to by parent, not by {kind.parent_id}.")
        _require_references(where, record, kind)
        given = {kind.parent_id, *record.references} if record.parent else set(record.references)
        _require_members(where, record.members, kind.model, given=given)


def _require_references(where: str, record: RecordMap, kind: Kept) -> None:
    if unknown := sorted(record.references.keys() - kind.references):
        expected = sorted(kind.references) or "none"
        raise MapBroken(f"{where}.references: {record.kind} name no record by {unknown[0]}.", expected=expected)
    if twice := sorted(record.references.keys() & record.members.keys()):
        raise MapBroken(f"{where}.members: {twice[0]} stands in references already.")


def _require_members(
    where: str, members: Mapping[str, Any], model: type[LocalModel], *, given: Set[str | None]
) -> None:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if unknown := sorted(members.keys() - fields.keys()):
        raise MapBroken(f"{where}.members: unknown: {', '.join(unknown)[:200]}.", expected=sorted(fields))
    required = {name for name, field in fields.items() if field.is_required()} - given
    if members and (missing := sorted(required - members.keys())):
        raise MapBroken(f"{where}.members: missing: {', '.join(missing)}.", expected=sorted(fields))
