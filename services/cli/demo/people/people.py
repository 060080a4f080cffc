"""The people of the pilot: seats, then names and numbers, then histories and jobs; one seed, one outcome."""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Final, NamedTuple

from services.cli.demo.people import alone
from services.cli.demo.people.careers import Career, deal_careers
from services.cli.demo.people.days import AGE_DAY, REFERENCE_DAY, days_after
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.home import draw_home
from services.cli.demo.people.labour import labour_records
from services.cli.demo.people.life import Life
from services.cli.demo.people.names import Surnames, given_names
from services.cli.demo.people.news import draw_job
from services.cli.demo.people.person import Job, News, Person, Planned
from services.cli.demo.people.pesels import Pesels
from services.cli.demo.people.planned import membership
from services.cli.demo.people.seats import Seat, all_seats
from services.cli.demo.people.welfare import second_centre_records, welfare_records

__all__ = ["Job", "News", "Person", "Planned", "make_people"]

_LAST_BIRTH: Final = date(1999, 12, 31)
"""Who is born later has a PESEL outside the block of the 2200s."""
_PROGRAMME_BEGINS: Final = (date(2026, 1, 2), date(2026, 1, 30))
_RELATIVE, _NAMESAKE = 6, 11
"""Which of fifteen people bears a relative's surname, and which that of a stranger."""


class _Source(NamedTuple):
    """What people are drawn from."""

    dice: Dice
    pesels: Pesels
    surnames: Surnames


def make_people(*, people: int, seed: int) -> tuple[Person, ...]:
    """Return the synthetic people of a pilot: ``people`` of the study and of one office, and a few extra ones.

    :raises TooFewPeople: fewer than 12.
    """
    dice = Dice(Random(seed))  # noqa: S311  # the same people for the same seed; nothing is kept secret by it
    source = _Source(dice, Pesels(dice), Surnames(dice))
    seats = all_seats(people=people, dice=dice)
    careers = deal_careers(seats=seats, dice=dice)
    return tuple(_person(place + 1, seat, careers.get(place), source) for place, seat in enumerate(seats))


def _person(number: int, seat: Seat, career: Career | None, source: _Source) -> Person:
    """Draw a person for a seat."""
    dice = source.dice
    born = _born(seat.ages, dice)
    draw_pesel = source.pesels.misprint if seat.expected == "typo" else source.pesels.issue
    surname = _surname(number, seat, source.surnames)
    life = Life(
        born=born,
        home=draw_home(born=born, dice=dice),
        start=career.start if career else REFERENCE_DAY,
        wage=career.wage if career else None,
    )
    records = _records(number, seat, life, dice)
    everything = [record for some in records.values() for record in some]
    return Person(
        number=number,
        pesel=draw_pesel(born=born, is_woman=seat.is_woman),
        surname=surname,
        given_names=given_names(is_woman=seat.is_woman, dice=dice),
        birth_date=born,
        pup=seat.pup,
        ops=seat.ops,
        arm=seat.arm,
        county=seat.county,
        inherited=seat.inherited,
        expected=seat.expected,
        role=seat.role,
        surname_at=_surname_at(seat, source.surnames),
        records=records,
        job=draw_job(career=career, life=life, records=everything, dice=dice) if career else None,
    )


def _born(ages: tuple[int, int], dice: Dice) -> date:
    """Draw a day of birth by the age on the day on which ages are counted."""
    youngest, oldest = ages
    first = days_after(AGE_DAY.replace(year=AGE_DAY.year - oldest - 1), 1)
    return dice.day(first, min(AGE_DAY.replace(year=AGE_DAY.year - youngest), _LAST_BIRTH))


def _surname(number: int, seat: Seat, surnames: Surnames) -> str:
    """Return a surname; now and then a relative's or a namesake's."""
    place = number % 15
    if place == _RELATIVE:
        return surnames.relative(county=seat.county, is_woman=seat.is_woman)
    if place == _NAMESAKE:
        return surnames.namesake(is_woman=seat.is_woman)
    return surnames.new(county=seat.county, is_woman=seat.is_woman)


def _surname_at(seat: Seat, surnames: Surnames) -> Mapping[str, str]:
    """Return the other person's surname where two people have one PESEL, typed wrong at the welfare centre."""
    if seat.expected != "refused":
        return {}
    return {centre: surnames.new(county=seat.county, is_woman=seat.is_woman) for centre in seat.ops}


def _records(number: int, seat: Seat, life: Life, dice: Dice) -> dict[str, tuple[Planned, ...]]:
    """Draw the records of each office, in the order of their days."""
    if seat.expected == "typo":
        return {}
    if seat.expected in ("joint", "confirmed"):
        drawn = _joint_records(number, seat, life, dice)
    else:
        drawn = {seat.pup: alone.records_at_pup(life=life, dice=dice)} if seat.pup else {}
        drawn |= {centre: alone.records_at_ops(life=life, number=number, dice=dice) for centre in seat.ops}
    return {office: tuple(sorted(some, key=lambda record: record.body["from"])) for office, some in drawn.items()}


def _joint_records(number: int, seat: Seat, life: Life, dice: Dice) -> dict[str, list[Planned]]:
    """Draw what the labour office and the welfare centres have on one client."""
    labour = labour_records(life=life, dice=dice)
    registered = min(date.fromisoformat(one.body["from"]) for one in labour if one.path == "registrations")
    since = days_after(registered, dice.between(0, 100))
    drawn = {str(seat.pup): labour}
    for place, centre in enumerate(seat.ops):
        if place:
            drawn[centre] = second_centre_records(life=life, since=since, number=number, dice=dice)
        else:
            drawn[centre] = welfare_records(life=life, since=since, number=number, labour=labour, dice=dice)
    if seat.arm:
        joined = dice.day(*_PROGRAMME_BEGINS)
        labour.append(membership(first=joined, arm=seat.arm, county=seat.county, inherited=seat.inherited))
    return drawn
