"""What is wrong with something that was typed, in plain words: without what a library puts before and behind them."""

import re
from typing import Any

import typer
from typer.core import TyperGroup

_BEFORE = re.compile(r"Value error, |Assertion failed, ")
_BEHIND = re.compile(r", unable to (?:parse|interpret) [a-z ]+")


class Commands(TyperGroup):
    """The commands of ``zwornik``; a wrong choice or value is said plainly."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named.

        :raises BadParameter: a value does not hold.
        """
        try:
            return super().invoke(ctx)
        except typer.BadParameter as failure:
            failure.message = plain(failure.message)
            raise


def plain(said: str) -> str:
    """Return a complaint in plain words.

    >>> plain("Value error, 'x' is not one of 'pup', 'ops'.")
    "'x' is not one of 'pup', 'ops'."
    >>> plain("Input should be a valid integer, unable to parse string as an integer")
    'it should be a valid integer'
    """
    return _BEHIND.sub("", _BEFORE.sub("", said)).replace("Input should be", "it should be")
