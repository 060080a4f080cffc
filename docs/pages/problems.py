"""Makes ``docs/problems``: a page of each problem, from the table of problems and what is written of each by hand.

``python -m docs.pages.problems`` writes the pages anew; a test fails while one is stale, missing or too many.
"""

from collections.abc import Iterator
from pathlib import Path

from shared.runtime.problems.catalogue import URN, Page, ProblemType, problem_pages, problem_types

FOLDER = Path(__file__).resolve().parents[1] / "problems"


def page_of(kind: ProblemType, page: Page) -> str:
    """Return the page of a problem."""
    return "\n".join(
        [
            f"# {kind.title}",
            "",
            f"`{URN}{kind.name}` · status {kind.status} · "
            + ("trying again may help" if kind.retryable else "trying again does not help"),
            "",
            page.means,
            "",
            "**To check**",
            "",
            *(f"- {one}" for one in page.check),
            "",
            f"**To mend**: {kind.mend}",
            "",
            f"**Example**: {page.example}",
            "",
        ]
    )


def index() -> str:
    """Return the list of all pages."""
    rows = [
        f"| [`{kind.name}`]({kind.name}.md) | {kind.status} | {'yes' if kind.retryable else ''} | {kind.title} |"
        for kind in problem_types().values()
    ]
    return "\n".join(
        [
            "# Problems",
            "",
            "Every refusal is a problem document (RFC 9457). `detail` says what is wrong with this call, `field` names",
            "the member, `expected` and `received` compare where there is something to compare, and `mend` says what",
            "to do. `docs` leads to what stands here: `GET /v1/problems/<name>` of the service that answered.",
            "",
            "| problem | status | retry | title |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each page with its text."""
    yield FOLDER / "README.md", index()
    for name, kind in problem_types().items():
        yield FOLDER / f"{name}.md", page_of(kind, problem_pages()[name])


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
