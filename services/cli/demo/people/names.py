"""Names of people who do not exist: invented surnames of at least nine letters, real given names.

A surname is two invented syllable groups and an ending that agrees with the sex, so that it is no word that a log or
a program could hold by chance.

>>> from random import Random
>>> family = Surname("Grzmie", "drzyn", ("icki", "icka"))
>>> family.of(is_woman=True), family.of(is_woman=False)
('Grzmiedrzynicka', 'Grzmiedrzynicki')
>>> given_names(is_woman=True, dice=Dice(Random(1)))
'Barbara'
"""

from dataclasses import dataclass

from services.cli.demo.people.dice import Dice


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Brzo Chwie Chrzo Ciemie Czmie Drozgo Dziergo Gąsze Głuszy Grzmie Gwiżdo Jaźwi Kłębo Krztu Kwapi Łysko Mchowi Mgie "
    "Niegło Pląso Przyło Rzęsi Skrzywo Smęto Strzygo Szczygo Śmigo Świerko Trzcie Wądro Wrzęsi Wyżgo Zgłobi Źdźbło "
    "Żmudzi Żołę"
)
_SECOND = _words(
    "bral ban ciem czap dral drzyn gal glew gnin krzyw łab mal mroz niw pal płon raw rdzan siel skrob szel szym tarp "
    "trzew wan węz wrzan zdan zol żyw"
)
_ENDINGS = (("owski", "owska"), ("icki", "icka"), ("iński", "ińska"), ("owicz", "owicz"), ("owiak", "owiak"))
_WOMEN = _words(
    "Agnieszka Aleksandra Aneta Anna Barbara Beata Bożena Danuta Dorota Edyta Elżbieta Ewa Grażyna Halina Iwona "
    "Izabela Joanna Justyna Katarzyna Lidia Magdalena Małgorzata Maria Marzena Monika Natalia Patrycja Renata "
    "Sylwia Wioletta"
)
_MEN = _words(
    "Adam Andrzej Arkadiusz Artur Bartosz Bogdan Dariusz Dawid Grzegorz Henryk Jacek Jan Jarosław Józef Krzysztof "
    "Leszek Łukasz Maciej Marcin Marek Mariusz Michał Paweł Piotr Rafał Robert Sebastian Stanisław Tomasz Wojciech"
)

_TWO_GIVEN_NAMES_PERCENT = 30
_DOUBLE_PERCENT = {True: 12, False: 2}


@dataclass(frozen=True, slots=True)
class Surname:
    """A surname of a family."""

    first: str
    second: str
    ending: tuple[str, str]

    def of(self, *, is_woman: bool) -> str:
        """Return the form that a man or a woman bears."""
        return self.first + self.second + self.ending[is_woman]


class Surnames:
    """Gives out surnames: every one once, but to relatives in the same county and to namesakes elsewhere."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._pool = dice.shuffled(Surname(one, two, end) for one in _FIRST for two in _SECOND for end in _ENDINGS)
        self._given = 0
        self._families: dict[str, list[Surname]] = {}

    def relative(self, *, county: str, is_woman: bool) -> str:
        """Return the surname of someone of the county who has one already; a new one where nobody has."""
        families = self._families.get(county)
        return (
            self._dice.pick(families).of(is_woman=is_woman) if families else self.new(county=county, is_woman=is_woman)
        )

    def namesake(self, *, is_woman: bool) -> str:
        """Return the surname of anyone who has one already."""
        return self._dice.pick(self._pool[: max(1, self._given)]).of(is_woman=is_woman)

    def new(self, *, county: str, is_woman: bool) -> str:
        """Return a surname that nobody has yet, sometimes a double-barrelled one."""
        surname = self._next(county)
        if not self._dice.chance(_DOUBLE_PERCENT[is_woman]):
            return surname.of(is_woman=is_woman)
        return f"{surname.of(is_woman=is_woman)}-{self._next(county).of(is_woman=is_woman)}"

    def _next(self, county: str) -> Surname:
        surname = self._pool[self._given % len(self._pool)]
        self._given += 1
        self._families.setdefault(county, []).append(surname)
        return surname


def given_names(*, is_woman: bool, dice: Dice) -> str:
    """Return one given name or two."""
    names = _WOMEN if is_woman else _MEN
    first = dice.pick(names)
    second = dice.pick([name for name in names if name != first])
    return f"{first} {second}" if dice.chance(_TWO_GIVEN_NAMES_PERCENT) else first
