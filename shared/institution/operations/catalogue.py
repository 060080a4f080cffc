"""Reading the catalogue of forms of support: one row, or the rows that are asked for."""

from collections.abc import Mapping
from datetime import date

from shared.domain import catalogue
from shared.domain.catalogue import Form
from shared.domain.errors import Invalid, NotFound


def read(code: str) -> Form:
    """Return a row by its code.

    :raises NotFound: there is no such code; masked ones are none.
    """
    found = catalogue.forms().get(code)
    if found is None:
        raise NotFound()
    return found


def matching(*, given_by: str | None, in_force: date | None, words: Mapping[str, str | None]) -> list[Form]:
    """Return the rows that a kind of institution gives, in force on a day, whose columns say these words.

    :raises Invalid: a word stands nowhere in its column; those that do are named.
    """
    wanted = {column: word for column, word in words.items() if word is not None}
    for column, word in wanted.items():
        known = sorted({getattr(form, column) for form in catalogue.forms().values()} - {""})
        if word not in known:
            raise Invalid(f"No form has this {column}.", field=column, expected=", ".join(known))
    return [
        form
        for form in catalogue.forms().values()
        if (given_by is None or given_by in form.owners)
        and (in_force is None or form.is_in_force(in_force))
        and all(getattr(form, column) == word for column, word in wanted.items())
    ]
