"""The target groups of a client, worked out for a day."""

from datetime import date

from pydantic import Field

from shared.institution.models.base import View


class HeldGroup(View):
    """A group of which the client is on the day (*grupa docelowa*), by which mark, and from when until when."""

    group: str
    name_pl: str
    name_en: str
    mark_id: str
    from_: date = Field(alias="from")
    until: date | None = Field(description="The last day on which the mark holds; null while there is no end.")


class TargetGroups(View):
    """The target groups of a client on a day; what is here is of the special categories and leaves no office."""

    client_id: str
    on: date
    groups: list[HeldGroup]
