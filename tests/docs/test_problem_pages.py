"""docs/problems: every problem has its page, every page its problem, and the service says the same."""

import json

from docs.pages.problems import FOLDER, pages
from shared.runtime.problems.catalogue import problem_pages, problem_types
from tests.runtime.builders import bare_app, raw_call


def test_no_problem_lacks_its_page_and_no_page_its_problem() -> None:
    assert list(problem_pages()) == list(problem_types()), "pages.csv has the rows of problems.csv, in their order"
    assert {path.name for path in FOLDER.iterdir()} == {path.name for path, _ in pages()}


def test_the_pages_are_what_the_tables_say() -> None:
    for path, text in pages():
        assert path.read_text("utf-8") == text, "write them anew: python -m docs.pages.problems"


def test_every_page_says_what_it_means_what_to_check_and_an_example_in_sentences() -> None:
    for name, page in problem_pages().items():
        assert all(text.rstrip("`").endswith((".", "?", "…")) for text in (page.means, page.example)), name
        assert page.check, name
        assert all(one.endswith((".", "?")) for one in page.check), name


async def test_the_link_of_a_problem_leads_to_its_page() -> None:
    for name, page in problem_pages().items():
        status, _, body = await raw_call(bare_app(), "GET", f"/v1/problems/{name}")
        told = json.loads(body)
        assert (status, told["means"], tuple(told["check"]), told["example"]) == (
            200, page.means, page.check, page.example,
        )  # fmt: skip
