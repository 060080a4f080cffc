"""What the demo prints of the money: the books of both sides, what was paid of them, and whether all agrees."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from shared.domain.money import UNBROKEN, in_zloty


def books(console: Console, report: Mapping[str, Any], *, paid_until: str) -> None:
    """Print what labour offices and welfare centres owe and paid, and both together."""
    until = f"{date.fromisoformat(f'{paid_until}-01'):%B %Y}" if paid_until else "today"
    table = Table(title="The books of the degressive benefit", title_justify="left")
    table.add_column("zł")
    for head in ("labour offices", "welfare centres", "together"):
        table.add_column(head, justify="right")
    for text, name, style in (
        ("granted by officials", "granted_gr", ""),
        ("late news and appeals: more", "raised_gr", ""),
        ("late news and appeals: less", "lowered_gr", ""),
        ("stands in the books", "books_gr", "bold"),
        ("reserved of the budgets", "reserved_gr", ""),
        (f"due until {until}", "due_gr", "bold"),
        ("paid out", "paid_gr", ""),
        ("held back of what was overpaid", "held_back_gr", ""),
        ("still to be held back", "to_hold_back_gr", ""),
        ("claims: overpaid, nothing follows", "claims_gr", ""),
    ):
        table.add_row(text, *_both_sides(report["money"], name), style=style, end_section=name in _ENDS)
    console.print(table)


_ENDS = ("lowered_gr", "reserved_gr", "due_gr")


def _both_sides(money: Mapping[str, Mapping[str, int]], name: str) -> tuple[str, str, str]:
    pups = sum(one[name] for institution, one in money.items() if institution.startswith("pup"))
    together = sum(one[name] for one in money.values())
    return _bare(pups), _bare(together - pups), _bare(together)


def _bare(amount_gr: int) -> str:
    return in_zloty(amount_gr).removesuffix(f"{UNBROKEN}zł")
