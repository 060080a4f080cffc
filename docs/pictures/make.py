"""Pictures, tables and versions of the pages, made from the rule itself: ``.venv/bin/python -m docs.pictures.make``.

The case is the one that the page gives to its reader. A test compares what is committed with what this makes.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

from docs.pictures.frame import BOTTOM, LEFT, RIGHT, SLOT, height_of, opened, rule
from shared.domain.benefit.case import Case, parse_case
from shared.domain.benefit.curves import MONTHS, NAMED, steps_bp
from shared.domain.benefit.dated import shipped
from shared.domain.benefit.overlay import parse_overlay, reform
from shared.domain.benefit.rule import RULE_VERSION, assess
from shared.domain.money import in_zloty

DOCS = Path(__file__).resolve().parents[1]
PAGE = DOCS / "benefit.md"
INTEGRATE = DOCS / "integrate.md"
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Income(NamedTuple):
    """A month while working: what is kept of the benefits, the wage, the degressive benefit; grosze."""

    month: str
    kept_gr: int
    wage_gr: int
    benefit_gr: int
    codes: str

    @property
    def total_gr(self) -> int:
        """Return all of it."""
        return self.kept_gr + self.wage_gr + self.benefit_gr


def case_of(page: str) -> Case:
    """Return the case that the page tells its reader to write into a file."""
    found = re.search(r"cat >var/case\.json <<'END'\n(.*?)\nEND\n", page, re.DOTALL)
    if found is None:
        raise ValueError("docs/benefit.md has no case.")
    return parse_case(json.loads(found[1]))


def before_gr(case: Case) -> int:
    """Return the income before the job."""
    return sum(benefit.amount_gr for benefit in case.benefits if not benefit.gained)


def incomes(case: Case) -> list[Income]:
    """Return the months of a case of twelve full months at one wage."""
    wage = case.employment[0].net_wage_gr or 0
    return [
        Income(
            month=month.month,
            kept_gr=sum(benefit.amount_gr for benefit in case.benefits if benefit.is_kept(number)),
            wage_gr=wage,
            benefit_gr=month.amount_gr,
            codes=month.codes,
        )
        for number, month in enumerate(assess(case).months, start=1)
    ]


def income_picture(case: Case) -> str:
    """Draw income before and after, month by month."""
    before, months = before_gr(case), incomes(case)
    top = -(-max(before, *(month.total_gr for month in months)) // 50_000) * 50_000
    lowest = min(months, key=lambda month: month.total_gr)
    desc = (
        f"Before the job {in_zloty(before)} a month. Each of twelve bars stacks what is kept of the benefits, the net "
        f"wage of {in_zloty(months[0].wage_gr)} and the degressive benefit, {in_zloty(months[0].benefit_gr)} at "
        f"first and {in_zloty(months[-1].benefit_gr)} at the end. The lowest income is {in_zloty(lowest.total_gr)}."
    )
    lines = opened("Income before the job and in the twelve months after, in zł a month", desc, height=640)
    for tick in range(0, top + 1, 50_000):
        lines += rule(height_of(tick, top), f"{tick // 100}")
    for index, month in enumerate(months):
        lines += _bar(index, month, top)
    y = height_of(before, top)
    lines.append(f'  <line class="before" x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}"/>')
    legend = [
        ("benefit", "degressive benefit (wsparcie degresywne)"),
        ("wage", "net wage"),
        ("kept", "benefits kept"),
    ]
    x = LEFT
    for name, text in legend:
        lines.append(f'  <rect class="{name}" x="{x}" y="596" width="22" height="22" rx="3"/>')
        lines.append(f'  <text x="{x + 32}" y="613">{text}</text>')
        x += 60 + 9 * len(text)
    lines.append(f'  <line class="before" x1="{x}" y1="607" x2="{x + 44}" y2="607"/>')
    lines.append(f'  <text x="{x + 54}" y="613">income before the job, {in_zloty(before)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _bar(index: int, month: Income, top: int) -> list[str]:
    x, width, reached = LEFT + index * SLOT + 5, SLOT - 10, 0
    lines = []
    for name, amount in (("kept", month.kept_gr), ("wage", month.wage_gr), ("benefit", month.benefit_gr)):
        if amount:
            low, high = height_of(reached, top), height_of(reached + amount, top)
            lines.append(f'  <rect class="{name}" x="{x}" y="{high}" width="{width}" height="{low - high}"/>')
            if name == "benefit":
                label = in_zloty(amount)[:-3]
                lines.append(f'  <text class="m" x="{x + width // 2}" y="{high + 24}">{label}</text>')
        reached += amount
    number, year = int(month.month[5:]), month.month[:4]
    middle = x + width // 2
    lines.append(f'  <text class="s m" x="{middle}" y="{height_of(reached, top) - 8}">{in_zloty(reached)[:-3]}</text>')
    lines.append(f'  <text class="m" x="{middle}" y="{BOTTOM + 26}">{_NAMES[number - 1]}</text>')
    lines.append(f'  <text class="s m" x="{middle}" y="{BOTTOM + 48}">{year}</text>')
    return lines


def curves_picture() -> str:
    """Draw the three curves as steps, one rate a clock month."""
    told = "; ".join(f"{name}: {', '.join(_percent(rate) for rate in rates)}" for name, rates in NAMED.items())
    desc = f"Which part of all benefits before the job a person has at least, in clock months 1 to 12. {told}."
    title = "The three curves: a floor under all benefits before the job, those kept among them"
    lines = opened(title, desc, height=640)
    for percent in range(0, 101, 25):
        lines += rule(height_of(percent, 100), f"{percent}%")
    for month in range(1, MONTHS + 1):
        lines.append(f'  <text class="m" x="{LEFT + (month - 1) * SLOT + SLOT // 2}" y="{BOTTOM + 28}">{month}</text>')
    lines.append(f'  <text class="s m" x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 54}">clock month of work</text>')
    x = LEFT
    for name in ("stepped", "linear", "halving"):
        rates = steps_bp(name)
        path = [f"M {LEFT} {height_of(rates[0], 10_000)}"]
        for index, rate in enumerate(rates):
            path.append(f"V {height_of(rate, 10_000)} H {LEFT + (index + 1) * SLOT}")
        lines.append(f'  <path class="curve {name}" d="{" ".join(path)}"/>')
        text = {"linear": "linear", "stepped": "stepped, the default", "halving": "halving every 4 months"}[name]
        lines.append(f'  <line class="curve {name}" x1="{x}" y1="607" x2="{x + 60}" y2="607"/>')
        lines.append(f'  <text x="{x + 72}" y="613">{text}</text>')
        x += 140 + 9 * len(text)
    return "\n".join([*lines, "</svg>", ""])


def _percent(rate_bp: int) -> str:
    return f"{rate_bp / 100:g}%"


def month_table(case: Case) -> str:
    """Return the months of the case as a table of the page."""
    lines = ["| month | benefits kept | net wage | degressive benefit | income | codes |", "|---|--:|--:|--:|--:|---|"]
    for month in incomes(case):
        amounts = [month.kept_gr, month.wage_gr, month.benefit_gr, month.total_gr]
        lines.append(f"| {month.month} | {' | '.join(in_zloty(each) for each in amounts)} | `{month.codes}` |")
    return "\n".join(lines)


def curve_table() -> str:
    """Return the rates of the three curves."""
    lines = [f"| curve | {' | '.join(map(str, range(1, MONTHS + 1)))} |", "|---|" + "--:|" * MONTHS]
    lines += [f"| `{name}` | {' | '.join(_percent(rate) for rate in rates)} |" for name, rates in NAMED.items()]
    return "\n".join(lines)


def parameter_table() -> str:
    """Return what stands in ``scheme.csv``."""
    lines = ["| parameter | value | unit | from | verified |", "|---|---|---|---|---|"]
    for rows in shipped().scheme.rows.values():
        for row in rows:
            verified = "yes" if row.verified else f"no ({row.status})"
            lines.append(f"| `{row.param}` | {row.value or 'none'} | {row.unit} | {row.valid_from} | {verified} |")
    return "\n".join(lines)


def made_page(page: str) -> str:
    """Return the page with each of its tables made anew, between its two marks."""
    case = case_of(page)
    for name, table in (("months", month_table(case)), ("curves", curve_table()), ("parameters", parameter_table())):
        marks = rf"(<!-- {name}: made by docs/pictures/make.py -->\n).*?(<!-- end -->)"
        page, count = re.subn(marks, rf"\g<1>{table}\n\g<2>", page, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"docs/benefit.md has {count} places for the table of {name}.")
    overlay = re.search(r"cat >var/reform\.csv <<'END'\n(.*?)END\n", page, re.DOTALL)
    if overlay is None:
        raise ValueError("docs/benefit.md has no reform.")
    for name, tables in (("before: ", shipped()), ("after:  ", reform(parse_overlay(overlay[1])))):
        told = f"rule {RULE_VERSION}, parameters {tables.scheme.version}, law {tables.law.version}"
        page = re.sub(rf"^{name}rule .*$", name + told, page, flags=re.MULTILINE)
    return page


def made_walk(page: str) -> str:
    """Return docs/integrate.md with the version of the parameters that stands in its assessment."""
    return re.sub(r'("parameters": )"[^"]*"', rf'\g<1>"{shipped().scheme.version}"', page)


def made() -> dict[Path, str]:
    """Return every file that this makes, with its text."""
    page = PAGE.read_text("utf-8")
    return {
        DOCS / "pictures" / "income.svg": income_picture(case_of(page)),
        DOCS / "pictures" / "curves.svg": curves_picture(),
        PAGE: made_page(page),
        INTEGRATE: made_walk(INTEGRATE.read_text("utf-8")),
    }


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, "utf-8")
