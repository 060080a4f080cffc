"""A decision (*decyzja*) as it is printed: authority, basis, ruling, amounts, reasons, right of appeal.

What is no decision is not printed as one: that an appeal (*odwołanie*) was lodged, or what became of it where the
decision stands, is a note. It is a Polish document; in English it is a translation and says so first. Source:
BENEFIT.md, "A decision prints authority, date, legal basis, amounts, reasons, and the right and time limit of appeal".
The words on appeal follow the code of administrative procedure (*Kodeks postępowania administracyjnego*).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared.domain.benefit import english, polish
from shared.domain.benefit.case_settings import CaseSettings
from shared.domain.benefit.explain import Language
from shared.domain.benefit.ledger import Months
from shared.domain.decision_words import WORDS
from shared.domain.reasons import reason_in_words

_MONEY: Final = {"pl": polish.money, "en": english.money}
_WORKED_OUT: Final = frozenset({"approved", "changed"})
_WITH_AMOUNTS: Final = _WORKED_OUT | {"kept"}
CAN_BE_APPEALED: Final = frozenset({"approved", "refused", "kept"})
NOTES: Final = frozenset({"appealed", "upheld", "withdrawn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal: the day of the decision it is against, when it was lodged and concluded, and whether that was late.

    A day is ``None`` where the office does not have it.
    """

    against: date
    lodged_on: date | None
    concluded_on: date | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a decision says; ``kind`` is one of approved, refused, kept, appealed, upheld, changed, withdrawn.

    Kept: a lowering is left undone; ``months`` are then those granted before, and ``lowered`` those that would have
    been lowered. ``reasons`` are the explanations of the months and their summary, or the conditions that are not met,
    in the language of the text; empty where the office cannot recompute them. ``beside`` is what stands beside the
    months, each with its text in that language; it is information and decides nothing. ``offices`` names the payers.
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
    lowered: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    offices: Mapping[str, str] = field(default_factory=dict)
    appeal: Appeal | None = None


def decision_text(ruling: Ruling, language: Language = "pl") -> str:
    """Return the text of a decision, or its translation."""
    return _Printer(ruling, language).text()


class _Printer:
    """Prints one ruling in one language."""

    def __init__(self, ruling: Ruling, language: Language) -> None:
        self.ruling, self.language = ruling, language
        self.words: Mapping[str, str] = WORDS[language]
        self.money = _MONEY[language]

    def text(self) -> str:
        """Return all parts that the ruling has."""
        parts = [self.heading(), self.noted() or self.decided(), self.on_appeal(), self.reasons(), self.beside()]
        parts += [self.income(), self.appeal(), self.proof()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def say(self, key: str, **facts: object) -> str:
        """Return a phrase with its facts."""
        return self.words[key].format(**facts)

    @property
    def has_amounts(self) -> bool:
        """Tell whether the ruling grants amounts."""
        return self.ruling.kind in _WITH_AMOUNTS

    def heading(self) -> str:
        """Say who decides for whom, and when, and what this paper is."""
        ruling = self.ruling
        return self.say(
            "heading",
            authority=ruling.authority,
            case_number=ruling.case_number,
            date=ruling.decided_on,
            person=ruling.person,
            title=self.say(f"title_{ruling.kind}" if ruling.kind in NOTES else "title"),
        )

    def noted(self) -> str:
        """Say what became of an appeal, where that is no decision."""
        return self.of_appeal(self.ruling.kind) if self.ruling.kind in NOTES else ""

    def on_appeal(self) -> str:
        """Say when the appeal was lodged and decided that changes the decision; of a late one, that it was."""
        appeal = self.ruling.appeal
        if appeal is None:
            return ""
        said = [self.of_appeal("on_appeal")] if self.ruling.kind == "changed" else []
        return "\n".join(
            [*said, *([self.say("late", days=self.ruling.settings.appeal_days)] if appeal.is_late else [])]
        )

    def of_appeal(self, key: str) -> str:
        """Return a phrase with the days of the appeal."""
        appeal, unknown = self.ruling.appeal, self.say("unknown_day")
        days = (appeal.against, appeal.lodged_on, appeal.concluded_on) if appeal else (None, None, None)
        against, lodged_on, concluded_on = (on or unknown for on in days)
        return self.say(key, against=against, lodged_on=lodged_on, concluded_on=concluded_on)

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
        offices = self.ruling.offices
        paid = [f"{offices.get(owner, owner)} {self.money(gr)}" for owner, gr in shares.items() if gr]
        return self.say("shares", shares=", ".join(paid)) if paid else ""

    def reasons(self) -> str:
        """Give the reason of the ruling, and what it rests on."""
        ruling = self.ruling
        told = [reason_in_words(ruling.kind, ruling.reason_code, self.language), *ruling.reasons]
        if ruling.kind in _WORKED_OUT and not ruling.reasons:
            told.append(self.say("no_reasons"))
        if ruling.lowered:
            told.append(self.say("lowering"))
            told += [f"  {self.would_be(month, *gr)}" for month, gr in ruling.lowered.items()]
        return "\n".join([self.say("reasons"), *(f"  {reason}" for reason in told)])

    def would_be(self, month: str, before: int, after: int) -> str:
        """Say how a month would have been lowered."""
        return self.say("would_be", month=self.month(month), before=self.money(before), after=self.money(after))

    def beside(self) -> str:
        """Tell what stands beside the months, where it is known."""
        if self.ruling.kind not in _WORKED_OUT or not self.ruling.beside:
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
        can = self.ruling.kind in CAN_BE_APPEALED
        return self.say("appeal", days=self.ruling.settings.appeal_days) if can else ""

    def proof(self) -> str:
        """Say by which result the decision can be worked out again."""
        return self.say("proof", hash=self.ruling.result_hash)

    def month(self, printed: str) -> str:
        """Name a month."""
        year, month = printed.split("-")
        return f"{self.words['months'].split()[int(month) - 1]} {year}"
