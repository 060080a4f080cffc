"""The pilot's twelve institutions (*instytucja*): three labour offices and nine welfare centres, in three counties.

>>> [one.id for one in institutions()][:3]
['pup-2478', 'pup-2476', 'pup-1611']
>>> counties()[0]
County(terc='2478', pup='pup-2478', ops=('ops-2478011',))
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotInstitution:
    """One institution; ``area`` holds the TERC codes it serves, ``verified`` says whether a source names it."""

    id: str
    name: str
    terc: str
    area: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county: its labour office and the welfare centres of its gminas."""

    terc: str
    pup: str
    ops: tuple[str, ...]


@cache
def institutions() -> tuple[PilotInstitution, ...]:
    """Return the twelve institutions, in the order of the file."""
    lines = files(__package__).joinpath("institutions.csv").read_text(encoding="utf-8").splitlines()
    return tuple(
        PilotInstitution(
            id=row["id"],
            name=row["name"],
            terc=row["terc"],
            area=tuple(row["area"].split()),
            verified=row["verified"] == "true",
        )
        for row in csv.DictReader(lines)
    )


@cache
def counties() -> tuple[County, ...]:
    """Return the three counties: of each labour office, its area's welfare centres."""
    ops = [one for one in institutions() if one.id.startswith("ops-")]
    return tuple(
        County(terc=office.terc, pup=office.id, ops=tuple(one.id for one in ops if one.terc in office.area))
        for office in institutions()
        if office.id.startswith("pup-")
    )


def desks(office: str) -> str:
    """Return the desks of an office of the demo, as its setting names them."""
    return (
        f"joint_clients, +48 32 000 00 01, klienci@{office}.example; costs, +48 32 000 00 02, koszty@{office}.example"
    )
