"""The explanation of each month (*uzasadnienie*), told from the very values that made its amount.

Nothing here assesses: curve, guarantee, kept benefits and what is missing come from the working of the rule. The
phrases stand in ``polish`` and ``english``.

>>> from shared.domain.benefit.case import parse_case
>>> from shared.domain.benefit.rule import work_out
>>> from shared.domain.money import UNBROKEN
>>> case = parse_case({"case_id": "1", "benefits": [{"kind": "PUP-ZAS", "owner": "pup-2478", "amount_gr": 209020}],
...     "employment": [{"kind": "start", "effective": "2026-01-01", "net_wage_gr": 360000}]})
>>> explain(work_out(case)).months[3].replace(UNBROKEN, " ")  # doctest: +NORMALIZE_WHITESPACE
'W kwietniu 2026 przysługuje 1 567,70 zł: w 4. z 12 miesięcy wsparcia krzywa daje 75% z 2 090,20 zł utraconych
świadczeń, czyli 1 567,65 zł; zaokrąglono w górę do pełnych 10 gr.'
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from shared.domain.benefit import english, polish
from shared.domain.benefit.clock import MONTH_TICKS, days_in
from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.rates import Rates
from shared.domain.benefit.result import Month, month_json, result_json
from shared.domain.benefit.rule import Part, Working, rounded_up
from shared.domain.benefit.wording import Wording

Language = Literal["pl", "en"]
_MONTH_E4: Final = WHOLE_BP * MONTH_TICKS
_WORDINGS: Final[dict[Language, Wording]] = {"pl": polish, "en": english}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One text for each month of the result, in its order, and a summary with the gap."""

    months: tuple[str, ...]
    summary: str


def explain(working: Working, *, language: Language = "pl") -> Explanation:
    """Return the explanation of a schedule, in Polish or in English."""
    teller = _Teller(_WORDINGS[language], working.parameters)
    result, words = working.result, teller.words
    texts = tuple([teller.month(month, parts) for month, parts in zip(result.months, working.parts, strict=True)])
    summary = words.summary(curve=working.parameters.curve, total=words.money(result.total_gr), months=len(texts))
    gap = words.gap(words.money(result.gap_gr) if result.gap_gr else "") if texts else ""
    return Explanation(texts, summary + gap)


def explained_json(working: Working, *, language: Language = "pl") -> dict[str, object]:
    """Return the result as JSON with an ``explanation`` in each month and a ``summary``; the hash is without them."""
    told = explain(working, language=language)
    months = [
        {**month_json(month), "explanation": text}
        for month, text in zip(working.result.months, told.months, strict=True)
    ]
    return {**result_json(working.result), "months": months, "summary": told.summary}


@lru_cache(maxsize=4096)
def _length(name: str) -> int:
    """Return the days of a month ``YYYY-MM``."""
    return days_in(year=int(name[:4]), month=int(name[5:]))


@lru_cache(maxsize=4096)
def _spell(words: Wording, ticks: int, length: int, wage_gr: int) -> str:
    """Tell how long a part of a month of ``length`` days lasts, and at what wage; -1 where all parts have one."""
    exact = ticks * length % MONTH_TICKS == 0
    wage = "" if wage_gr < 0 else words.money(wage_gr)
    return words.during(_days(words, ticks, length), exact=exact, wage=wage)


def _days(words: Wording, ticks: int, length: int) -> str:
    """Write ticks as days of a month of ``length`` days, to one decimal place."""
    whole, rest = divmod(ticks * length, MONTH_TICKS)
    tenths = whole * 10 if not rest else (20 * ticks * length + MONTH_TICKS) // (2 * MONTH_TICKS)
    return words.days(tenths, exact=not rest)


class _Teller:
    """Tells the months of one case; what several of its months share is put into words once."""

    def __init__(self, words: Wording, parameters: SchemeParameters) -> None:
        self.words = words
        self.parameters = parameters
        self.steps_bp = parameters.steps_bp
        self.alike: dict[tuple[int, int], tuple[str, str]] = {}
        self.reasons: dict[tuple[int, int], tuple[str, str]] = {}
        self.tapers: dict[int, str] = {}
        self.bases: dict[int, str] = {}

    def month(self, month: Month, parts: list[Part]) -> str:
        """Tell what is due, why in each part, and what rounding or the cap made of it."""
        name, amount_gr, codes, _ = month
        words = self.words
        if len(parts) == 1 and "P" not in codes:
            rates, first, last, _ = parts[0]
            key = (rates.wage_gr, rates.runs[first])
            if (told := self.alike.get(key)) is None:
                told = self.alike[key] = self.whole(month, parts)
            return f"{words.in_month(name)}{told[0]}{words.months(first + 1, last + 1)}{told[1]}"
        length = _length(name)
        span = words.span(_days(words, sum([ticks for *_, ticks in parts]), length), of=length) if "P" in codes else ""
        reason = self.split(parts, length) if len(parts) > 1 else self.part(parts[0], "")
        amount = words.money(amount_gr) if amount_gr else ""
        due = words.due(amount, span=span, parts=len(parts))
        need = sum([rates.missing_e4[first] * ticks for rates, first, _, ticks in parts])
        return f"{words.in_month(name)}{due}{reason}{self.change(month, need, span=span, split=len(parts) > 1)}"

    def whole(self, month: Month, parts: list[Part]) -> tuple[str, str]:
        """Tell what is due in a full month of one part, and why; those of one run differ in their names alone."""
        rates, first, _, _ = parts[0]
        due = self.words.due(self.words.money(month.amount_gr) if month.amount_gr else "", span="", parts=1)
        need = rates.missing_e4[first] * MONTH_TICKS
        return due, self.reason(rates, first)[0] + self.change(month, need, span="", split=False)

    def split(self, parts: list[Part], length: int) -> str:
        """Tell the reason of each part of a month that is split."""
        words, told = self.words, []
        several = len({rates.wage_gr for rates, *_ in parts}) > 1
        for part in parts:
            rates, _, _, ticks = part
            told.append(self.part(part, _spell(words, ticks, length, rates.wage_gr if several else -1)))
        return "; ".join(told)

    def part(self, part: Part, spell: str) -> str:
        """Tell the clock months of a part and its reason, as of a full month."""
        rates, first, last, _ = part
        return f"{spell}{self.words.months(first + 1, last + 1)}{self.reason(rates, first)[1]}"

    def reason(self, rates: Rates, index: int) -> tuple[str, str]:
        """Tell the reason of a clock month, of a full calendar month and of a part of one; once for each run."""
        key = (rates.wage_gr, rates.runs[index])
        if (told := self.reasons.get(key)) is None:
            reason = self.reason_of_run(rates, index)
            told = (reason, reason + self.words.for_full_month() if rates.missing_e4[index] else reason)
            self.reasons[key] = told
        return told

    def reason_of_run(self, rates: Rates, index: int) -> str:
        """Tell what the curve or the guarantee gives, what is paid anyway, and what is missing."""
        words, parameters = self.words, self.parameters
        before, kept, lost_gr = rates.holdings[index]
        if not before:
            return words.no_benefits()
        base, curve = self.base(before, sum(lost_gr.values())), rates.curve_e4[index]
        if rates.guarantee_e4[index] > curve:
            rate = words.percent(WHOLE_BP - parameters.premium_bp)
            text = words.guarantee(base, curve=self.e4(curve), rate=rate, wage=words.money(rates.wage_gr))
        else:
            taper = self.taper(rates.wage_gr) if parameters.taper_bp else ""
            text = words.curve(words.percent(self.steps_bp[index]), base=base, taper=taper)
        if kept:
            text += words.less_paid(words.money(kept))
        missing = rates.missing_e4[index]
        return text + (words.missing(self.e4(missing)) if missing else words.nothing_missing())

    def base(self, before_gr: int, lost_gr: int) -> str:
        """Name the benefits before the job and what of them is lost."""
        if lost_gr not in self.bases:
            before, lost = self.words.money(before_gr), self.words.money(lost_gr)
            self.bases[lost_gr] = self.words.base(before, lost=lost, kept=lost_gr < before_gr)
        return self.bases[lost_gr]

    def taper(self, wage_gr: int) -> str:
        """Tell what the wage takes off the curve, if anything."""
        parameters, words = self.parameters, self.words
        if wage_gr <= parameters.disregard_gr:
            return ""
        if wage_gr not in self.tapers:
            self.tapers[wage_gr] = words.taper(
                self.e4(parameters.taper_bp * (wage_gr - parameters.disregard_gr)),
                rate=words.percent(parameters.taper_bp),
                wage=words.money(wage_gr),
                disregard=words.money(parameters.disregard_gr) if parameters.disregard_gr else "",
            )
        return self.tapers[wage_gr]

    def change(self, month: Month, need: int, *, span: str, split: bool) -> str:
        """Tell what the cap or the rounding made of a need, in 1/10 000 grosz x ticks, and end the sentence."""
        _, amount_gr, codes, _ = month
        if need == amount_gr * _MONTH_E4:
            return "."
        words, quantum = self.words, self.parameters.quantum_gr
        if "L" in codes and self.parameters.cap_gr is not None:
            cap, before = words.money(self.parameters.cap_gr), words.money(rounded_up(need, quantum_gr=quantum))
            return "." + words.capped(cap=cap, span=span, before=before, after=words.money(amount_gr))
        together = self.e4(need, per=_MONTH_E4) if split or span else ""
        return words.rounded(together=together, split=split, quantum_gr=quantum) + "."

    def e4(self, amount: int, *, per: int = WHOLE_BP) -> str:
        """Write an amount in 1/``per`` grosz; to the nearest grosz, and marked, where it has parts of one."""
        grosze, rest = divmod(amount, per)
        return self.words.about(self.words.money(grosze + (2 * rest >= per))) if rest else self.words.money(grosze)
