"""A client's file as a page to print: no script, nothing from elsewhere, Polish or English."""

import csv
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined

from shared.domain import catalogue
from shared.domain.money import in_zloty
from shared.institution.node import Node
from shared.institution.operations.client_file import Entry, Section, sections
from shared.institution.tables import ClientRow

Language = Literal["pl", "en"]
_PAGES = files("shared.institution.pages")
_STYLE = _PAGES.joinpath("print.css").read_text("utf-8")
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page may do nothing but look as its own style says."""

_WIRE_AMOUNTS = frozenset({"amount", "gross", "net", "monthly_gross", "monthly_net", "remaining_net"})
"""Amounts in grosze as the wire names them (WIRE.md)."""

_LABEL = re.compile(r"(?P<en>[^(]+) \(\*(?P<pl>[^*]+)\*\)")


async def as_html(node: Node, client: ClientRow, language: Language) -> AsyncIterator[bytes]:
    """Return the page, piece by piece."""
    said = words(language)
    page = _template().generate_async(
        said=said,
        language=language,
        style=_STYLE,
        office=node.settings.name or node.id,
        made_at=node.now.strftime("%Y-%m-%d %H:%M UTC"),
        sections=[(title(section, language), section.read(node, client)) for section in sections(node)],
        lines_of=lambda entry: _lines(entry, said, language),
    )
    async for piece in page:
        yield piece.encode()


def title(section: Section, language: Language) -> str:
    """Return the heading of a part: a kind of record names itself in both languages."""
    if section.kind is not None and (match := _LABEL.fullmatch(section.kind.label)):
        return match[language]
    return words(language).get(section.name, section.name)


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return the words for parts and members by name."""
    lines = _PAGES.joinpath("words.csv").read_text("utf-8").splitlines()
    return {row["name"]: row[language] for row in csv.DictReader(lines, delimiter=";")}


def _lines(entry: Entry, said: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    return [(said.get(name, name), _shown(name, value, language)) for name, value in entry.items() if value is not None]


def _shown(name: str, value: Any, language: Language) -> str:
    if name == "contest" and isinstance(value, str):
        return words(language)[f"contest-{value}"]
    if isinstance(value, bool):
        return {"pl": ("nie", "tak"), "en": ("no", "yes")}[language][value]
    if isinstance(value, int) and (name.endswith("_gr") or name in _WIRE_AMOUNTS):
        return in_zloty(value)
    if name == "code" and (form := catalogue.forms().get(str(value))):
        return f"{value} ({form.name_pl if language == 'pl' else form.name_en})"
    if isinstance(value, list):
        return "; ".join(_shown(name, one, language) for one in value) or "-"
    if isinstance(value, dict):
        said = words(language)
        return ", ".join(f"{said.get(key, key)}: {_shown(key, one, language)}" for key, one in value.items())
    return str(value)


@cache
def _template() -> Any:
    environment = Environment(autoescape=True, enable_async=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_PAGES.joinpath("client_file.html").read_text("utf-8"))
