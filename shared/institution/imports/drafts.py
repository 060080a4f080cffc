"""Drafts: what one line of a file asks for, checked as the API would check it, before any database is asked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.domain.errors import DomainError, Invalid
from shared.institution.imports.column_map import ClientMap, ColumnMap, Condition, MapBroken, MemberMap, NameMap
from shared.institution.imports.converters import Cell, CellUnreadable, converted, plain, written
from shared.institution.models.base import LocalModel
from shared.institution.models.clients import NewClient
from shared.runtime.problems.handlers import invalid


class LineMakesNothing(Invalid):
    """The line makes no client and no record: no condition of the column map holds for it."""


class CodeUnmapped(Invalid):
    """The column map has no value for what stands in this cell."""

    problem = "cell-unreadable"


class NameEmpty(Invalid):
    """The columns of the external id are empty."""

    problem = "cell-unreadable"


@dataclass(frozen=True, slots=True)
class ClientDraft:
    """Whose line it is; ``new`` where the line registers or amends the client."""

    name: str | None
    pesel: str | None
    new: NewClient | None


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A record by the name that the source system has for it."""

    path: str
    name: str
    body: LocalModel


@dataclass(frozen=True, slots=True)
class Draft:
    """What one line asks for."""

    line: int
    client: ClientDraft
    records: Sequence[RecordDraft]


class LineRefused(Exception):
    """A line asks for what cannot be; ``column`` is where, as far as one column is."""

    def __init__(self, failure: DomainError, column: str | None) -> None:
        super().__init__(failure.detail)
        self.failure = failure
        self.column = column


@dataclass(frozen=True, slots=True)
class Naming:
    """How names are made: ``require`` refuses what can be none, ``digest`` returns the keyed hash of a line."""

    require: Callable[[str], None]
    digest: Callable[[str], str]


class Drafter:
    """Makes drafts of the rows of one table by one column map."""

    def __init__(
        self, column_map: ColumnMap, header: Sequence[str], models: Mapping[str, type[LocalModel]], naming: Naming
    ) -> None:
        require_fits(column_map, models)
        self._at = {name: number for number, name in enumerate(header)}
        self._map, self._models, self._naming = column_map, models, naming
        self._width = len(header)

    def draft(self, line: int, cells: Sequence[Cell]) -> Draft:
        """Return what a line asks for.

        :raises LineRefused: a cell, a rule of a record or the line as a whole does not hold.
        """
        if len(cells) != self._width:
            said = f"The line has {len(cells)} cells, the first line of the file {self._width}."
            raise LineRefused(CellUnreadable(said, expected=f"{self._width} cells"), None)
        client = self._client(self._map.client, cells)
        records = []
        for number, record in enumerate(self._map.records):
            if self._holds(record.when, cells):
                members, body = self._body(self._models[record.kind], record.members, cells)
                if isinstance(record.external_id, NameMap):
                    name = self._name(record.external_id, cells)
                else:
                    name = self._naming.digest(_canonical([number, client.name or client.pesel, members]))
                records.append(RecordDraft(record.kind, name or "", body))
        if client.new is None and not records:
            raise LineRefused(LineMakesNothing(), None)
        return Draft(line, client, records)

    def _client(self, client: ClientMap, cells: Sequence[Cell]) -> ClientDraft:
        name = self._name(client.external_id, cells, may_lack=True) if client.external_id else None
        pesel = self._value("pesel", client.pesel, cells) if client.pesel else None
        if client.members and self._holds(client.when, cells):
            members = client.members | ({"pesel": client.pesel} if client.pesel else {})
            body = self._body(NewClient, members, cells)[1]
            assert isinstance(body, NewClient)  # noqa: S101  # the model is given above
            return ClientDraft(name, body.pesel, body)
        if name is None and pesel is None:
            columns = client.external_id.columns if client.external_id else [client.pesel.column or ""]  # type: ignore[union-attr]
            raise LineRefused(NameEmpty("The line does not say whose it is."), columns[0])
        return ClientDraft(name, pesel, None)

    def _body(
        self, model: type[LocalModel], members: Mapping[str, MemberMap], cells: Sequence[Cell]
    ) -> tuple[dict[str, Any], LocalModel]:
        values = {}
        for member, where in members.items():
            value = self._value(member, where, cells)
            if value is not None:
                values[member] = value
        try:
            return values, model.model_validate(values)
        except ValidationError as wrong:
            failure = invalid(wrong)
        except DomainError as wrong:
            failure = wrong
        member = (failure.field or "").partition(".")[0]
        raise LineRefused(failure, members[member].column if member in members else None)

    def _value(self, member: str, where: MemberMap, cells: Sequence[Cell]) -> Any:
        if where.column is None:
            return where.constant
        cell = cells[self._at[where.column]]
        if cell is None or cell == "":
            return where.default
        try:
            value = converted(where.as_, cell) if where.codes is None else _decoded(where.codes, plain(written(cell)))
        except DomainError as failure:
            failure.field = member
            raise LineRefused(failure, where.column) from None
        return where.default if value is None else value

    def _name(self, names: NameMap, cells: Sequence[Cell], *, may_lack: bool = False) -> str | None:
        parts = [plain(written(cells[self._at[column]])) for column in names.columns]
        if may_lack and not any(parts):
            return None
        if not all(parts):
            raise LineRefused(NameEmpty(), names.columns[parts.index("")])
        name = ":".join(part.replace("/", ":") for part in parts)
        try:
            self._naming.require(name)
        except DomainError as failure:
            raise LineRefused(failure, names.columns[0]) from None
        return name

    def _holds(self, when: Condition | None, cells: Sequence[Cell]) -> bool:
        if when is None:
            return True
        text = plain(written(cells[self._at[when.column]]))
        return text in when.is_ if when.is_ is not None else bool(text)


def wanted_columns(column_map: ColumnMap) -> list[str]:
    """Return the columns that a map names, each once, in its order."""
    client = column_map.client
    wanted = list(client.external_id.columns) if client.external_id else []
    places = [client.pesel, client.when, *client.members.values()]
    for record in column_map.records:
        wanted += record.external_id.columns if isinstance(record.external_id, NameMap) else []
        places += [record.when, *record.members.values()]
    return list(dict.fromkeys([*wanted, *(place.column for place in places if place and place.column)]))


def require_fits(column_map: ColumnMap, models: Mapping[str, type[LocalModel]]) -> None:
    """Refuse a map that names kinds or members which this institution does not keep, or leaves out what must be.

    :raises MapBroken: and says where.
    """
    _require_members("client", column_map.client.members, NewClient, given={"pesel"})
    for number, record in enumerate(column_map.records):
        if record.kind not in models:
            raise MapBroken(f"records.{number}: this institution keeps no {record.kind}.", expected=sorted(models))
        _require_members(f"records.{number}", record.members, models[record.kind], given=set())


def _require_members(where: str, members: Mapping[str, Any], model: type[LocalModel], *, given: set[str]) -> None:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if unknown := sorted(members.keys() - fields.keys()):
        raise MapBroken(f"{where}.members: unknown: {', '.join(unknown)[:200]}.", expected=sorted(fields))
    required = {name for name, field in fields.items() if field.is_required()} - given
    if members and (missing := sorted(required - members.keys())):
        raise MapBroken(f"{where}.members: missing: {', '.join(missing)}.", expected=sorted(fields))


def _decoded(codes: Mapping[str, Any], text: str) -> Any:
    if not text:
        return None
    if text not in codes:
        raise CodeUnmapped(expected=sorted(codes))
    return codes[text]


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
