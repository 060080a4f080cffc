"""Column maps (*mapa kolumn*): which columns of another system's file make which members of which records.

A map is YAML: ``docs/import.md`` says every key. Two ship with the package, of layouts that we invented; an office
keeps its own in the folder of the setting ``IMPORT_MAPS``, where a map of the same name goes before ours.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.domain.errors import Invalid, NotFound
from shared.domain.pesel import holds_a_pesel
from shared.institution.imports.converters import Converter

MAX_MAP_BYTES = 65_536
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class MapUnknown(NotFound):
    """There is no column map of that name; expected names those there are."""

    problem = "import-map-unknown"


class MapBroken(Invalid):
    """The column map does not hold; the operator of this service mends it."""

    problem = "import-map-broken"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _columns(value: Any) -> Any:
    return {"columns": [value]} if isinstance(value, str) and value != "hash" else value


class MemberMap(_Part):
    """Where a member comes from: a column with a converter, or a constant."""

    column: str | None = None
    constant: Any = None
    as_: Converter = Field(default="text", alias="as")
    codes: dict[str, Any] | None = None
    default: Any = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("name a column or a constant, one of both")
        return self


class NameMap(_Part):
    """The columns whose cells, joined by colons, are the external id."""

    columns: Annotated[list[str], Field(min_length=1, max_length=5)]


class Condition(_Part):
    """When a line makes the record: the column is filled, or holds one of these values."""

    column: str
    is_: list[str] | None = Field(default=None, alias="is")


Member = Annotated[MemberMap, BeforeValidator(_column)]
Name = Annotated[NameMap, BeforeValidator(_columns)]
When = Annotated[Condition, BeforeValidator(_column)]


class ClientMap(_Part):
    """Whose line it is, and what registers or amends the client; without ``members`` the client must be there."""

    external_id: Name | None = None
    pesel: Member | None = None
    members: dict[str, Member] = Field(default_factory=dict)
    when: When | None = None
    when_known: Literal["keep", "amend"] = "keep"

    @model_validator(mode="after")
    def _found_somehow(self) -> Self:
        if self.external_id is None and self.pesel is None:
            raise ValueError("name external_id or pesel, by which a client is found")
        if self.members and self.pesel is None:
            raise ValueError("a client is registered by pesel; name its column")
        return self


class RecordMap(_Part):
    """A record that a line makes; ``kind`` is its part of the URL, such as support-forms.

    ``parent`` is the external id of the record that it belongs to, made of the same columns as that one's;
    ``references`` are those of what its members name besides, by member.
    """

    kind: str
    when: When | None = None
    external_id: Literal["hash"] | Name
    parent: Name | None = None
    references: dict[str, Name] = Field(default_factory=dict)
    members: dict[str, Member]


class CsvLayout(_Part):
    """How the text is written."""

    encoding: Literal["utf-8", "cp1250"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r"^[;,\t|]$")] = ";"


class XlsxLayout(_Part):
    """Where the table stands: the name of the sheet, the first one if missing."""

    sheet: str | None = None


class ColumnMap(_Part):
    """One layout of one source system."""

    title: Annotated[str, Field(max_length=200)]
    system: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    csv: CsvLayout = CsvLayout()
    xlsx: XlsxLayout = XlsxLayout()
    client: ClientMap
    records: Annotated[list[RecordMap], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _is_no_person(self) -> Self:
        if holds_a_pesel(self.system):
            raise ValueError("the system's name passes as a PESEL")
        return self


def load_map(folder: Path, name: str) -> ColumnMap:
    """Return the column map of a name: the office's own, else one of ours.

    :raises MapUnknown: there is none.
    :raises MapBroken: it is no YAML, or says what no map says; ``field`` names where.
    """
    text = _texts(folder).get(name)
    if text is None:
        raise MapUnknown(field="map", expected=sorted(_texts(folder)))
    return read_map(text)


def list_maps(folder: Path) -> Mapping[str, ColumnMap | MapBroken]:
    """Return all maps by name; of one that does not hold, why."""
    found: dict[str, ColumnMap | MapBroken] = {}
    for name, text in sorted(_texts(folder).items()):
        try:
            found[name] = read_map(text)
        except MapBroken as failure:
            found[name] = failure
    return found


def read_map(text: str) -> ColumnMap:
    """Return the column map that YAML says.

    :raises MapBroken: it says none.

    >>> read_map("title: Nic").system
    Traceback (most recent call last):
    MapBroken: system: Field required.
    """
    if len(text) > MAX_MAP_BYTES:
        raise MapBroken("The column map is longer than 64 KiB.")
    try:
        return ColumnMap.model_validate(yaml.safe_load(text))
    except ValidationError as failure:
        first = failure.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MapBroken(f"{where}: {first['msg'].removeprefix('Value error, ')}.", field=where) from None
    except (yaml.YAMLError, RecursionError) as failure:
        mark = getattr(failure, "problem_mark", None)
        raise MapBroken(f"The column map is no YAML{f', line {mark.line + 1}' if mark else ''}.") from None


def _texts(folder: Path) -> Mapping[str, str]:
    own: Sequence[Path] = sorted(folder.glob("*.yaml")) if folder.is_dir() else ()
    return {
        **_shipped(),
        **{path.stem: path.read_text("utf-8") for path in own if _NAME.fullmatch(path.stem)},
    }


@cache
def _shipped() -> Mapping[str, str]:
    folder = files("shared.institution.imports").joinpath("maps")
    return {
        entry.name.removesuffix(".yaml"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
