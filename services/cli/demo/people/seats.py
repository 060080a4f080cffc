"""Who is wanted: every person's place in the study and at the offices, before names and histories are drawn.

Each recipient has a twin in comparison: the same county, welfare centre, age band, sex and inheritance of
unemployment, so both arms have one structure. Of 900 people 150 are recipients, 150 are in comparison and 600 are
known to one office; other numbers keep the proportions. A few who must be refused or confirmed come on top.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.cli.demo.people.dice import Dice
from services.cli.demo.people.institutions import County, counties
from services.cli.demo.people.person import Arm, Expected, Role
from shared.domain.errors import Invalid

FEWEST: Final = 12
AGE_BANDS: Final = ((26, 34), (35, 44), (45, 53), (54, 62))
"""Nobody is younger than 26: whoever is was born after 1999, and their PESEL would leave the block of the 2200s."""
LATE_OFFICE: Final = "ops-1611073"
"""The welfare centre that is offline while the labour office registers one of its clients."""
_ONE_IN: Final = 6


class TooFewPeople(Invalid):
    """The pilot takes at least 12 people, so that each special role has somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place to be filled by a person."""

    county: str
    pup: str | None
    ops: tuple[str, ...]
    is_woman: bool
    ages: tuple[int, int]
    inherited: bool = False
    arm: Arm = ""
    expected: Expected = "one_office"
    role: Role = ""


def all_seats(*, people: int, dice: Dice) -> list[Seat]:
    """Return the seats: recipients, their twins in comparison, people of one office, and the extra ones.

    :raises TooFewPeople: fewer than 12.
    """
    if people < FEWEST:
        raise TooFewPeople(field="people", expected=f"{FEWEST} or more", received=people)
    pairs = people // _ONE_IN
    recipients = [seat for county, count in _pairs_by_county(pairs) for seat in _recipients(county, count, dice)]
    comparison = [replace(seat, arm="comparison") for seat in recipients]
    _give_roles(recipients, comparison)
    return [*recipients, *comparison, *_one_office(people - 2 * pairs, pairs, dice), *_extra(dice)]


def _pairs_by_county(pairs: int) -> list[tuple[County, int]]:
    """Share pairs equally, remainders to the first; the rural county has one always: two roles live there."""
    shares = _shares(pairs, len(counties()))
    if not shares[-1]:
        shares = [*_shares(pairs - 1, len(shares) - 1), 1]
    return list(zip(counties(), shares, strict=True))


def _shares(total: int, parts: int) -> list[int]:
    """Split a number into equal parts, remainders to the first."""
    return [total // parts + (part < total % parts) for part in range(parts)]


def _recipients(county: County, count: int, dice: Dice) -> Iterator[Seat]:
    """Yield a county's recipients: at least half inherit, ages and sexes are balanced, every centre has its share."""
    centres = _centres(county)
    inherited = dice.shuffled(place < (count + 1) // 2 for place in range(count))
    ages = dice.shuffled(AGE_BANDS[place % len(AGE_BANDS)] for place in range(count))
    women = dice.shuffled(place % 2 == 0 for place in range(count))
    for place in range(count):
        yield Seat(
            county=county.terc,
            pup=county.pup,
            ops=(centres[place % len(centres)],),
            is_woman=women[place],
            ages=ages[place],
            inherited=inherited[place],
            arm="recipient",
            expected="joint",
        )


def _centres(county: County) -> list[str]:
    """Return a county's welfare centres, the one that will be late first."""
    return sorted(county.ops, key=lambda centre: (centre != LATE_OFFICE, centre))


def _give_roles(recipients: list[Seat], comparison: list[Seat]) -> None:
    """Give the three special roles; to people in comparison only where there are too few recipients."""
    rural, middle = counties()[-1], counties()[1]
    places = [place for place, seat in enumerate(recipients) if seat.pup == rural.pup]
    recipients[places[0]] = replace(recipients[places[0]], role="late_ops")
    arm, place = (recipients, places[1]) if len(places) > 1 else (comparison, places[0])
    centres = _centres(rural)
    second = centres[(centres.index(arm[place].ops[0]) + 1) % len(centres)]
    arm[place] = replace(arm[place], role="two_ops", ops=(*arm[place].ops, second))
    places = [place for place, seat in enumerate(recipients) if seat.pup == middle.pup]
    arm, place = (recipients, places[0]) if places else (comparison, 0)
    arm[place] = replace(arm[place], role="comes_back")


def _one_office(count: int, pairs: int, dice: Dice) -> Iterator[Seat]:
    """Yield people of one office, half of them at labour offices; centres go on where the pairs of them left off."""
    halves = _shares(count, 2)
    for county, at_pup in zip(counties(), _shares(halves[0], 3), strict=True):
        for _ in range(at_pup):
            yield _anyone(dice, county=county.terc, pup=county.pup)
    for (county, offset), at_ops in zip(_pairs_by_county(pairs), _shares(halves[1], 3), strict=True):
        centres = _centres(county)
        for place in range(at_ops):
            yield _anyone(dice, county=county.terc, ops=(centres[(offset + place) % len(centres)],))


def _extra(dice: Dice) -> Sequence[Seat]:
    """Return two typed-wrong PESELs, one PESEL of two people, and one person out of the area."""
    first, second, _ = counties()
    return (
        _anyone(dice, county=first.terc, pup=first.pup, expected="typo"),
        _anyone(dice, county=second.terc, ops=second.ops, expected="typo"),
        _anyone(dice, county=second.terc, pup=second.pup, ops=second.ops, expected="refused"),
        _anyone(dice, county=first.terc, pup=first.pup, ops=second.ops, expected="confirmed"),
    )


def _anyone(
    dice: Dice, *, county: str, pup: str | None = None, ops: tuple[str, ...] = (), expected: Expected = "one_office"
) -> Seat:
    return Seat(county=county, pup=pup, ops=ops, is_woman=dice.chance(50), ages=dice.pick(AGE_BANDS), expected=expected)
