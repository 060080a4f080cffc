"""A decision (*decyzja*) as it is printed: authority, basis, ruling, amounts, reasons, right of appeal.

It is a Polish document; in English it is a translation and says so first. Source: BENEFIT.md, "A decision prints
authority, date, legal basis, amounts, reasons, and the right and time limit of appeal". The words on appeal follow the
code of administrative procedure (*Kodeks postępowania administracyjnego*).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.benefit import english, polish
from shared.domain.benefit.case_settings import CaseSettings
from shared.domain.benefit.explain import Language
from shared.domain.benefit.ledger import Months
from shared.domain.decision_words import WORDS

_MONEY: Final = {"pl": polish.money, "en": english.money}
_WITH_AMOUNTS: Final = frozenset({"approved", "changed"})
_CAN_BE_APPEALED: Final = frozenset({"approved", "refused", "kept"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a decision says. ``kind``: approved, refused, kept (a lowering is left undone), appealed, upheld, changed.

    ``reasons`` are the explanations of the months and their summary, in the language of the text; empty where the
    office cannot recompute them. ``beside`` is what stands beside the months, each with its text in that language; it
    is information and decides nothing.
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


def decision_text(ruling: Ruling, language: Language = "pl") -> str:
    """Return the text of a decision, or its translation."""
    return _Printer(ruling, language).text()


class _Printer:
    """Prints one ruling in one language."""

    def __init__(self, ruling: Ruling, language: Language) -> None:
        self.ruling = ruling
        self.words: Mapping[str, str] = WORDS[language]
        self.money = _MONEY[language]

    def text(self) -> str:
        """Return all parts that the ruling has."""
        parts = [self.heading(), self.decided(), self.reasons(), self.beside(), self.income()]
        parts += [self.appeal(), self.proof()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def say(self, key: str, **facts: object) -> str:
        """Return a phrase with its facts."""
        return self.words[key].format(**facts)

    @property
    def has_amounts(self) -> bool:
        """Tell whether the ruling grants amounts."""
        return self.ruling.kind in _WITH_AMOUNTS

    def heading(self) -> str:
        """Say who decides for whom, and when."""
        ruling = self.ruling
        return self.say(
            "heading",
            authority=ruling.authority,
            case_number=ruling.case_number,
            date=ruling.decided_on,
            person=ruling.person,
        )

    def decided(self) -> str:
        """Say the basis, the ruling and what is granted month by month."""
        ruling = self.ruling
        text = f"{self.say('basis', basis=ruling.settings.legal_basis)}\n\n"
        text += self.say("ruling", ruling=self.say(ruling.kind))
        if not self.has_amounts:
            return text
        rows = [
            f"  {self.month(row['month'])}: {self.money(row['amount_gr'])}{self.shares(row['shares_gr'])}"
            for row in ruling.months
        ]
        return "\n".join([text, "", *rows, f"  {self.say('total', total=self.money(ruling.total_gr))}"])

    def shares(self, shares: Mapping[str, int]) -> str:
        """Say who pays how much of a month."""
        paid = [f"{owner} {self.money(gr)}" for owner, gr in shares.items() if gr]
        return self.say("shares", shares=", ".join(paid)) if paid else ""

    def reasons(self) -> str:
        """Give the reasons of the amounts."""
        told = self.ruling.reasons or [self.say("no_reasons")]
        heading = self.say("reasons", reason_code=self.ruling.reason_code)
        return "\n".join([heading, *(f"  {reason}" for reason in told if self.has_amounts)])

    def beside(self) -> str:
        """Tell what stands beside the months, where it is known."""
        if not self.has_amounts or not self.ruling.beside:
            return ""
        told = [f"  {self.month(month)}: {text}" for month, text in self.ruling.beside.items()]
        return "\n".join([self.say("beside"), *told])

    def income(self) -> str:
        """Say whether the benefit was taken to be income."""
        if not self.has_amounts:
            return ""
        return self.say("income" if self.ruling.settings.counts_as_income else "no_income")

    def appeal(self) -> str:
        """Say how to appeal."""
        can = self.ruling.kind in _CAN_BE_APPEALED
        return self.say("appeal", days=self.ruling.settings.appeal_days) if can else ""

    def proof(self) -> str:
        """Say by which result the decision can be worked out again."""
        return self.say("proof", hash=self.ruling.result_hash)

    def month(self, printed: str) -> str:
        """Name a month."""
        year, month = printed.split("-")
        return f"{self.words['months'].split()[int(month) - 1]} {year}"
