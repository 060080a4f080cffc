"""The words of a printed decision, in Polish and, for a translation, in English; names in braces are filled in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.domain.benefit.explain import Language

_POLISH: Final = {
    "heading": "{authority}\nZnak sprawy: {case_number}\nData: {date}\n\nDECYZJA\n\nOsoba: {person}",
    "basis": "Podstawa prawna: {basis} (niezweryfikowana).",
    "ruling": "Rozstrzygnięcie: {ruling}",
    "approved": "przyznaję wsparcie degresywne w kwotach podanych niżej.",
    "refused": "odmawiam przyznania wsparcia degresywnego.",
    "kept": "pozostawiam wsparcie degresywne w kwotach przyznanych wcześniej; nie wprowadzam obniżenia "
    "wynikającego z późniejszych informacji.",
    "appealed": "odnotowuję wniesienie odwołania od decyzji w tej sprawie.",
    "upheld": "odnotowuję utrzymanie decyzji w mocy po rozpatrzeniu odwołania.",
    "changed": "po rozpatrzeniu odwołania przyznaję wsparcie degresywne w kwotach podanych niżej.",
    "months": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "shares": " (płacą: {shares})",
    "total": "Razem: {total}",
    "reasons": "Uzasadnienie (przyczyna: {reason_code}):",
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
    "heading": "TRANSLATION. Only the Polish text of this decision is binding.\n\n"
    "{authority}\nCase number: {case_number}\nDate: {date}\n\nDECISION\n\nPerson: {person}",
    "basis": "Legal basis: {basis} (unverified).",
    "ruling": "Ruling: {ruling}",
    "approved": "I grant the degressive benefit in the amounts given below.",
    "refused": "I refuse the degressive benefit.",
    "kept": "I leave the degressive benefit in the amounts granted before; I do not introduce the lowering that "
    "follows from later information.",
    "appealed": "I note that an appeal was lodged against the decision in this case.",
    "upheld": "I note that the decision was upheld on appeal.",
    "changed": "on appeal, I grant the degressive benefit in the amounts given below.",
    "months": "January February March April May June July August September October November December",
    "shares": " (paid by: {shares})",
    "total": "In all: {total}",
    "reasons": "Reasons (reason code: {reason_code}):",
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
