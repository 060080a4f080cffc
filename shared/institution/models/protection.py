"""Data protection over the local API: erasures, legal holds, terms of keeping, purges."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from shared.domain.erasure import grounds
from shared.institution.models.base import LocalModel, MemberRequired, OurId, View, one_of

KIND = "The kind of the record as its path names it, such as support-forms; missing for the whole client."
ReasonCode = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$", description="Why, as a code of the office.")]


class NewErasure(LocalModel):
    """What is to be erased: one record of the client with all that belongs to it, or the client with everything."""

    ground: Annotated[str, one_of(grounds()), Field(description="The ground of GDPR art. 17(1) on which it is erased.")]
    kind: Annotated[str, Field(pattern=r"^[a-z-]{1,30}$")] | None = Field(default=None, description=KIND)
    record_id: OurId | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ground": "unlawful",
                    "kind": "support-forms",
                    "record_id": "0198c6a0-0000-7000-8000-000000000000",
                }
            ]
        }
    )

    def model_post_init(self, context: object, /) -> None:
        """Refuse a record without its kind, and a kind without its record.

        :raises MemberRequired: one of the two is missing.
        """
        if (self.kind is None) is not (self.record_id is None):
            name = "kind" if self.kind is None else "record_id"
            raise MemberRequired(field=name, expected="kind and record_id together, or neither for the whole client")


class Holder(View):
    """Who got what was erased, the broker among them, and whether it has erased its copy."""

    id: str
    name: str
    erased: bool


class Erasure(View):
    """An erasure, and who has followed it.

    ``waiting`` names holders that have not erased yet, as the broker said at ``checked_at``; ``late`` says that the
    term, one month, is over while somebody has not.
    """

    id: str
    client_id: str
    kind: str = Field(description="The kind of the record; client for the whole client.")
    record_id: str
    ground: str
    term: date = Field(description="The day by which every holder is to have erased.")
    erased_by: str
    erased_at: datetime
    sets: int = Field(description="How many signed events were erased at this office, and are to be at the others.")
    complete: bool
    late: bool
    waiting: list[str]
    holders: list[Holder]
    checked_at: datetime | None = Field(description="When the broker was asked last.")


class NewHold(LocalModel):
    """A legal hold on all data of a client."""

    reason_code: ReasonCode
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason_code": "court_proceedings"}]})


class Hold(View):
    """A legal hold; it lasts while ``lifted_at`` is missing."""

    id: str
    client_id: str
    reason_code: str
    set_by: str
    set_at: datetime
    lifted_reason: str | None
    lifted_by: str | None
    lifted_at: datetime | None


class KeptFor(View):
    """How long a category is kept, since when this term is in force, and whether a source for it was read."""

    category: str
    kinds: list[str]
    since: date
    months: int
    days: int
    counts_from: str
    source: str
    verified: bool


class NewPurge(LocalModel):
    """Whether it is only to be said what a purge would erase."""

    dry_run: bool = True
    model_config = ConfigDict(json_schema_extra={"examples": [{"dry_run": True}]})


class Purged(View):
    """How much of a category a purge erased, or would; ``held`` is what was over its term and had to stay."""

    category: str
    count: int
    held: int


class PurgeAnswer(View):
    """What a purge erased, or would erase, by category."""

    dry_run: bool
    purged: list[Purged]


class PurgeEntry(View):
    """A line of the log of purges."""

    id: str
    at: datetime
    category: str
    count: int
    held: int
    asked_by: str
