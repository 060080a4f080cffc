"""The words of a printed decision, in Polish and, for a translation, in English; names in braces are filled in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.domain.benefit.explain import Language

_POLISH: Final = {
    "heading": "{authority}\nZnak sprawy: {case_number}\nData: {date}\n\n{title}\n\nOsoba: {person}",
    "title": "DECYZJA",
    "title_appealed": "NOTATKA O WNIESIENIU ODWOŁANIA",
    "title_upheld": "NOTATKA O ROZPATRZENIU ODWOŁANIA",
    "title_withdrawn": "NOTATKA O WYCOFANIU ODWOŁANIA",
    "basis": "Podstawa prawna: {basis} (niezweryfikowana).",
    "ruling": "Rozstrzygnięcie: {ruling}",
    "approved": "przyznaję wsparcie degresywne w kwotach podanych niżej.",
    "refused": "odmawiam przyznania wsparcia degresywnego.",
    "kept": "pozostawiam wsparcie degresywne w kwotach przyznanych wcześniej, podanych niżej; nie wprowadzam "
    "obniżenia wynikającego z późniejszych informacji.",
    "appealed": "Dzień wniesienia odwołania: {lodged_on}. Dzień decyzji, od której je wniesiono: {against}. Do "
    "rozpatrzenia odwołania nie wydaje się w sprawie innych decyzji.",
    "late": "Odwołanie wniesiono po upływie {days} dni od dnia decyzji. Termin biegnie od doręczenia; jeżeli upłynął, "
    "odwołanie można rozpatrzyć, gdy termin zostanie przywrócony.",
    "upheld": "Odwołanie rozpatrzono dnia {concluded_on}; decyzja pozostaje w mocy. Dzień wniesienia odwołania: "
    "{lodged_on}. Dzień decyzji, od której je wniesiono: {against}.",
    "withdrawn": "Odwołanie wycofano dnia {concluded_on}; decyzja pozostaje w mocy, jakby go nie wniesiono. Dzień "
    "wniesienia odwołania: {lodged_on}. Dzień decyzji, od której je wniesiono: {against}.",
    "on_appeal": "Odwołanie rozpatrzono dnia {concluded_on}. Dzień jego wniesienia: {lodged_on}. Dzień decyzji, od "
    "której je wniesiono: {against}.",
    "unknown_day": "brak w aktach tego urzędu",
    "would_be": "{month}: {after} zamiast {before}",
    "lowering": "Z późniejszych informacji wynikałoby obniżenie:",
    "changed": "po rozpatrzeniu odwołania przyznaję wsparcie degresywne w kwotach podanych niżej.",
    "months": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "shares": " (płacą: {shares})",
    "total": "Razem: {total}",
    "reasons": "Uzasadnienie:",
    "no_reasons": "Uzasadnienia kwot nie da się odtworzyć z danych tego urzędu; podaje je urząd, który je wyliczył.",
    "income": "Przyjęto, że wsparcie jest dochodem przy ustalaniu innych świadczeń (niezweryfikowane; prawo tego nie "
    "rozstrzyga).",
    "beside": "Obok wsparcia (informacja; kosztów pracy i potrąceń nie wlicza się do kwot, a zna je tylko ten urząd):",
    "no_income": "Przyjęto, że wsparcie nie jest dochodem przy ustalaniu innych świadczeń (niezweryfikowane; prawo "
    "tego nie rozstrzyga).",
    "appeal": "Pouczenie: od decyzji przysługuje odwołanie w terminie {days} dni od dnia jej doręczenia, za "
    "pośrednictwem organu, który ją wydał. Rozpatrzenie odwołania nie może pogorszyć sytuacji osoby odwołującej się.",
    "proof": "Kwoty wyliczyła reguła, a decyzję podjął człowiek. Wynik, którego dotyczy decyzja, ma skrót {hash}; "
    "każdy, kto ma dane sprawy, może go przeliczyć.",
}

_ENGLISH: Final = {
    "heading": "TRANSLATION. Only the Polish text is binding.\n\n"
    "{authority}\nCase number: {case_number}\nDate: {date}\n\n{title}\n\nPerson: {person}",
    "title": "DECISION",
    "title_appealed": "NOTE OF AN APPEAL LODGED",
    "title_upheld": "NOTE OF THE OUTCOME OF AN APPEAL",
    "title_withdrawn": "NOTE OF AN APPEAL WITHDRAWN",
    "basis": "Legal basis: {basis} (unverified).",
    "ruling": "Ruling: {ruling}",
    "approved": "I grant the degressive benefit in the amounts given below.",
    "refused": "I refuse the degressive benefit.",
    "kept": "I leave the degressive benefit in the amounts granted before, given below; I do not introduce the "
    "lowering that follows from later information.",
    "appealed": "Day on which the appeal was lodged: {lodged_on}. Day of the decision it is against: {against}. Until "
    "its outcome nothing else is decided in the case.",
    "late": "The appeal was lodged more than {days} days after the day of the decision. The time limit runs from "
    "delivery; if it has passed, the appeal can be heard once the time limit is restored.",
    "upheld": "The appeal was decided on {concluded_on}; the decision stands. Day on which the appeal was lodged: "
    "{lodged_on}. Day of the decision it is against: {against}.",
    "withdrawn": "The appeal was withdrawn on {concluded_on}; the decision stands as if there had been none. Day on "
    "which the appeal was lodged: {lodged_on}. Day of the decision it is against: {against}.",
    "on_appeal": "The appeal was decided on {concluded_on}. Day on which it was lodged: {lodged_on}. Day of the "
    "decision it is against: {against}.",
    "unknown_day": "not in the files of this office",
    "would_be": "{month}: {after} instead of {before}",
    "lowering": "The later information would have lowered:",
    "changed": "on appeal, I grant the degressive benefit in the amounts given below.",
    "months": "January February March April May June July August September October November December",
    "shares": " (paid by: {shares})",
    "total": "In all: {total}",
    "reasons": "Reasons:",
    "no_reasons": "The reasons of the amounts cannot be made from this office's records; the office that worked "
    "them out gives them.",
    "income": "The benefit was taken to be income in the assessment of other benefits (unverified; the law does not "
    "settle it).",
    "beside": "Beside the benefit (for information; costs of work and deductions enter no amount, and only this office "
    "knows them):",
    "no_income": "The benefit was taken to be no income in the assessment of other benefits (unverified; the law does "
    "not settle it).",
    "appeal": "Instruction: the decision may be appealed against within {days} days of the day on which it was "
    "delivered, through the authority that issued it. An appeal can make nobody worse off who lodged it.",
    "proof": "A rule worked out the amounts, and a person decided. The result that was decided on has the hash {hash}; "
    "whoever has the facts of the case can work it out again.",
}

WORDS: Final[Mapping[Language, Mapping[str, str]]] = MappingProxyType({"pl": _POLISH, "en": _ENGLISH})
