r"""What a job would change, in words: Polish, or English by switch; the phrases stand in ``phrases.csv``.

>>> from shared.domain.benefit.prospect.held import Held
>>> lost = Outcome(held=Held(benefit_id="1", owner="pup-2478", code="PUP-ZAS", amount_gr=130520), becomes="lost",
...     why="catalogue")
>>> Telling("pl").outcome(lost)
'Przepada z podjęciem pracy. Tak stanowi katalog form wsparcia.'
>>> Telling("en").remark(Remark("below_minimum_wage", amount_gr=200000, other_gr=240300))
'A wage of 2,000.00\xa0zł gross is below the minimum for this working time: 2,403.00\xa0zł.'
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from shared.domain.benefit import english, polish
from shared.domain.benefit.beside import Beside
from shared.domain.benefit.explain import Language
from shared.domain.benefit.prospect.held import Held, Outcome
from shared.domain.benefit.prospect.remark import Remark
from shared.domain.benefit.wording import Wording

_WORDINGS: Final[Mapping[Language, Wording]] = MappingProxyType({"pl": polish, "en": english})
_MASKED: Final[Mapping[Language, str]] = MappingProxyType(
    {"pl": "Świadczenie pieniężne ośrodka", "en": "Cash benefit of a welfare centre"}
)
_FEW: Final = range(2, 5)


@cache
def phrases(language: Language) -> Mapping[str, str]:
    """Return all phrases of a language by key."""
    lines = files(__package__).joinpath("phrases.csv").read_text("utf-8").splitlines()
    return MappingProxyType({row["key"]: row[language] for row in csv.DictReader(lines, delimiter=";")})


class Telling:
    """Tells outcomes, remarks and months in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.words = _WORDINGS[language]
        self._phrases = phrases(language)

    def name(self, held: Held) -> str:
        """Return what a benefit is called."""
        form = held.form
        if form is None:
            return _MASKED[self.language]
        return form.name_pl if self.language == "pl" else form.name_en

    def outcome(self, one: Outcome) -> str:
        """Say what becomes of a benefit, by what, and what was not known."""
        key: str = one.becomes
        if one.kept_months and one.becomes in ("shrinks", "gained"):
            key = "shrinks_later" if one.becomes == "shrinks" else "gained_for"
        facts = {
            "amount": self.words.money(one.held.amount_gr),
            "rest": self.words.money(one.remaining_gr),
            "months": self.months(one.kept_months or 0),
            "income": self.words.money(one.income_gr or 0),
            "limit": self.words.money(one.limit_gr or 0),
            "share": self.words.percent(one.share_bp or 0),
            "end": one.held.ends_on,
        }
        keys = [f"becomes.{key}", f"why.{one.why}"]
        if one.why == "temporary_rule" and (one.income_gr or 0) >= (one.limit_gr or 0):
            keys.append("why.over_criterion")
        if one.why == "temporary_rule" and one.kept_months:
            keys.append("why.contract")
        keys += [f"note.{note}" for note in one.notes]
        return " ".join(self._phrases[each].format(**facts) for each in keys)

    def remark(self, remark: Remark) -> str:
        """Say what a caseworker must know beside the figures."""
        return self._phrases[f"remark.{remark.code}"].format(
            amount=self.words.money(remark.amount_gr),
            other=self.words.money(remark.other_gr),
            number=remark.number,
            names=", ".join(remark.names),
            ended=remark.ended,
            until=remark.until,
        )

    def beside(self, month: Beside) -> str:
        """Say what stands beside a month of the schedule."""
        facts = {
            name.removesuffix("_gr"): self.signed_money(getattr(month, name))
            for name in Beside.__dataclass_fields__
            if name.endswith("_gr") and getattr(month, name) is not None
        }
        keys = ["income"]
        if month.household_after_gr not in (None, month.after_gr):
            keys.append("household")
        if month.costs_gr or month.deductions_gr:
            keys.append("costs")
        for name in ("participation", "marginal"):
            rate = getattr(month, f"{name}_bp")
            if rate is not None:
                keys.append(name)
                facts[name] = self.signed_percent(rate)
        return " ".join(self._phrases[f"beside.{key}"].format(**facts) for key in keys)

    def months(self, count: int) -> str:
        """Write a number of months.

        >>> [Telling("pl").months(count) for count in (1, 2, 5, 12)]
        ['1 miesiąc', '2 miesiące', '5 miesięcy', '12 miesięcy']
        """
        if self.language == "en":
            return f"{count} month" if count == 1 else f"{count} months"
        return f"{count} {'miesiąc' if count == 1 else 'miesiące' if count in _FEW else 'miesięcy'}"

    def signed_money(self, amount_gr: int) -> str:
        """Write an amount that may be below zero."""
        return self.words.money(amount_gr) if amount_gr >= 0 else f"-{self.words.money(-amount_gr)}"

    def signed_percent(self, rate_bp: int) -> str:
        """Write a rate that may be below zero.

        >>> Telling("pl").signed_percent(-150)
        '-1,5%'
        """
        return self.words.percent(rate_bp) if rate_bp >= 0 else f"-{self.words.percent(-rate_bp)}"
