"""A decision (*decyzja*) as it is printed, in Polish: authority, basis, ruling, amounts, reasons, right of appeal.

Source: BENEFIT.md, "A decision prints authority, date, legal basis, amounts, reasons, and the right and time limit of
appeal". The words on appeal follow the code of administrative procedure (*Kodeks postępowania administracyjnego*).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.benefit.case_settings import CaseSettings
from shared.domain.benefit.ledger import Months
from shared.domain.money import in_zloty

_RULINGS: Final = {
    "approved": "przyznaję wsparcie degresywne w kwotach podanych niżej.",
    "refused": "odmawiam przyznania wsparcia degresywnego.",
    "kept": "pozostawiam wsparcie degresywne w kwotach przyznanych wcześniej; nie wprowadzam obniżenia "
    "wynikającego z późniejszych informacji.",
    "appealed": "odnotowuję wniesienie odwołania od decyzji w tej sprawie.",
    "upheld": "odnotowuję utrzymanie decyzji w mocy po rozpatrzeniu odwołania.",
    "changed": "po rozpatrzeniu odwołania przyznaję wsparcie degresywne w kwotach podanych niżej.",
}
_WITH_AMOUNTS: Final = frozenset({"approved", "changed"})
_CAN_BE_APPEALED: Final = frozenset({"approved", "refused", "kept"})
_MONTHS: Final = (
    "styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec",
    "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a decision says. ``kind``: approved, refused, kept (a lowering is left undone), appealed, upheld, changed.

    ``reasons`` are the explanations of the months and their summary; empty where the office cannot recompute them.
    ``beside`` is what stands beside the months, each with its text; it is information and decides nothing.
    """

    kind: str
    authority: str
    case_number: str
    person: str
    decided_on: date
    reason_code: str
    months: Months
    total_gr: int
    reasons: Sequence[str]
    beside: Mapping[str, str]
    result_hash: str
    settings: CaseSettings


def decision_text(ruling: Ruling) -> str:
    """Return the text of a decision."""
    parts = [_heading(ruling), _ruling(ruling), _reasons(ruling), _beside(ruling), _income(ruling), _appeal(ruling)]
    parts.append(_proof(ruling))
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(ruling: Ruling) -> str:
    return (
        f"{ruling.authority}\nZnak sprawy: {ruling.case_number}\nData: {ruling.decided_on.isoformat()}\n\n"
        f"DECYZJA\n\nOsoba: {ruling.person}"
    )


def _ruling(ruling: Ruling) -> str:
    basis = f"Podstawa prawna: {ruling.settings.legal_basis} (niezweryfikowana)."
    text = f"{basis}\n\nRozstrzygnięcie: {_RULINGS[ruling.kind]}"
    if ruling.kind not in _WITH_AMOUNTS:
        return text
    rows = [
        f"  {_month(row['month'])}: {in_zloty(row['amount_gr'])}{_shares(row['shares_gr'])}" for row in ruling.months
    ]
    return "\n".join([text, "", *rows, f"  Razem: {in_zloty(ruling.total_gr)}"])


def _shares(shares: dict[str, int]) -> str:
    paid = [f"{owner} {in_zloty(gr)}" for owner, gr in shares.items() if gr]
    return f" (płacą: {', '.join(paid)})" if paid else ""


def _reasons(ruling: Ruling) -> str:
    told = [f"  {reason}" for reason in ruling.reasons]
    missing = ["  Uzasadnienia kwot nie da się odtworzyć z danych tego urzędu; podaje je urząd, który je wyliczył."]
    shown = ruling.kind in _WITH_AMOUNTS
    return "\n".join([f"Uzasadnienie (przyczyna: {ruling.reason_code}):", *((told or missing) if shown else [])])


def _beside(ruling: Ruling) -> str:
    if ruling.kind not in _WITH_AMOUNTS or not ruling.beside:
        return ""
    told = [f"  {_month(month)}: {text}" for month, text in ruling.beside.items()]
    head = "Obok wsparcia (informacja; kosztów pracy i potrąceń nie wlicza się do kwot, a zna je tylko ten urząd):"
    return "\n".join([head, *told])


def _income(ruling: Ruling) -> str:
    if ruling.kind not in _WITH_AMOUNTS:
        return ""
    counts = "jest dochodem" if ruling.settings.counts_as_income else "nie jest dochodem"
    return (
        f"Przyjęto, że wsparcie {counts} przy ustalaniu innych świadczeń (niezweryfikowane; prawo tego nie rozstrzyga)."
    )


def _appeal(ruling: Ruling) -> str:
    if ruling.kind not in _CAN_BE_APPEALED:
        return ""
    days = ruling.settings.appeal_days
    return (
        f"Pouczenie: od decyzji przysługuje odwołanie w terminie {days} dni od dnia jej doręczenia, za pośrednictwem "
        "organu, który ją wydał. Rozpatrzenie odwołania nie może pogorszyć sytuacji osoby odwołującej się."
    )


def _proof(ruling: Ruling) -> str:
    return (
        "Kwoty wyliczyła reguła, a decyzję podjął człowiek. Wynik, którego dotyczy decyzja, ma skrót "
        f"{ruling.result_hash}; każdy, kto ma dane sprawy, może go przeliczyć."
    )


def _month(name: str) -> str:
    """Write a month in Polish.

    >>> _month("2026-03")
    'marzec 2026'
    """
    return f"{_MONTHS[int(name[5:]) - 1]} {name[:4]}"
