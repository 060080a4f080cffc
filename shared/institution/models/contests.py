"""Contested clients over the local API."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.institution.models.base import View

Place = Literal["shares", "waits"]
PLACE = (
    "While two labour offices contest the client: shares, or waits where another one leads, so that nothing is told "
    "or received."
)


class Contest(View):
    """A contested client (*klient sporny*): where this office stands, since when, and what an official is asked."""

    client_id: str
    place: Place = Field(description=PLACE)
    since: datetime
    suspicions: list[str] = Field(description="Open questions whether a second labour office is let in; answer one.")
