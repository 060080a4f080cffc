"""docs/records.md: its tables are those of the models, and every member says what it means."""

import pytest

from docs.pages.records import KINDS, PAGE, SOURCES, made_page, members
from shared.institution.kinds import RecordKind


def test_the_page_is_what_the_models_say() -> None:
    page = PAGE.read_text("utf-8")
    assert page == made_page(page), "write it anew: python -m docs.pages.records"


def test_a_page_without_a_place_for_a_kind_is_refused() -> None:
    page = PAGE.read_text("utf-8").replace("<!-- registration: made", "<!-- made")
    with pytest.raises(ValueError, match="0 places for registration"):
        made_page(page)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_record_has_a_source_and_every_member_a_meaning(kind: RecordKind) -> None:
    assert SOURCES[kind.name]
    assert [name for name, _, _, meaning in members(kind) if not meaning.strip().endswith((".", "%"))] == []
