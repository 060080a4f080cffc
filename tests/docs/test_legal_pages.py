"""docs/legal: every type of event has a legal basis for whoever may send it; nothing unchecked passes for checked."""

import pytest

from docs.pages.legal import COLUMNS, FOLDER, PAGE, made_page, rows
from shared.domain.events.types import EventType, event_types

TO_COME = {"joint_client.contested.v1"}
"""Types of the design whose basis is looked for before any is sent."""

TEMPLATES = ("porozumienie.md", "dpia.md", "klauzula-informacyjna.md")


@pytest.mark.parametrize("type_", event_types().values(), ids=event_types())
def test_a_type_of_event_has_a_basis_for_each_kind_of_institution_that_sends_it(type_: EventType) -> None:
    kinds = [kind for row in rows() if row["type"] == type_.name for kind in row["issuers"].split()]
    assert sorted(kinds) == sorted(type_.issuers)


def test_a_row_is_of_a_type_that_there_is_and_says_everything() -> None:
    for row in rows():
        assert tuple(row) == COLUMNS
        assert all(row.values()), row
        assert row["type"] in event_types().keys() | TO_COME
        assert row["verified"] in ("true", "false")
        assert row["verified"] == "false" or row["source"] != "own knowledge"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text("utf-8") == made_page(), "write it anew: python -m docs.pages.legal"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_how_to_use_it_and_leaves_no_doubt_that_it_is_one(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert "**How to use.**" in text.split("\n\n")[1]
    assert "[" in text.partition("**How to use.**")[2]
    assert name in (FOLDER / "README.md").read_text("utf-8")
