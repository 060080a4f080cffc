"""Offices that are to be told what became of data that they got, over the local API."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.domain.subject_requests import KINDS
from shared.institution.models.base import View, one_of
from shared.institution.models.between import InstitutionId
from shared.institution.models.exchanged import OtherOffice
from shared.institution.models.listing import PageQuery

NOTICE_STATES = ("open", "told", "informed")


class RecipientNotice(View):
    """An office that got data of a client and is to be told what became of them (GDPR, art. 19)."""

    id: str
    client_id: str
    request_id: str = Field(description="The request of the person, among subject-requests of the client.")
    kind: str = Field(description="rectification, restriction or objection", examples=["restriction"])
    office: OtherOffice
    state: str = Field(
        description="told: by an event of this service; open: by nobody yet, call or write; informed: by an official",
        examples=["open"],
    )
    told_at: datetime | None
    told_by: str | None = Field(
        description="The official who informed it; null where the service did.", examples=[None]
    )


class NoticeQuery(PageQuery):
    """What a list of notices can be asked for."""

    state: Annotated[str, one_of(NOTICE_STATES)] | None = Field(
        default=None, description="open, told or informed; all, unless stated."
    )
    kind: Annotated[str, one_of(KINDS)] | None = Field(default=None, description="Only of requests of this kind.")
    office: InstitutionId | None = Field(default=None, description="Only those to this office.")
