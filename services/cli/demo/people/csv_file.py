"""The ground truth as CSV: one line a person, several offices parted by a space."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

from services.cli.demo.people.person import Person

COLUMNS: Final = (
    *("pesel", "surname", "given_names", "birth_date"),
    *("pup", "ops", "arm", "county", "inherited", "expected"),
)


def people_csv(people: Iterable[Person]) -> str:
    """Return the file, with a line of column names first.

    >>> people_csv([])
    'pesel,surname,given_names,birth_date,pup,ops,arm,county,inherited,expected\\n'
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for person in people:
        cells = {name: getattr(person, name) for name in COLUMNS}
        cells |= {"ops": " ".join(person.ops), "inherited": "true" if person.inherited else "false"}
        writer.writerow(cells.values())
    return text.getvalue()
