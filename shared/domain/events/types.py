"""Every event type: its shape, where it goes, who may send it and what it changes; rows of ``permissions.csv``.

``goes_to`` is ``broker`` (the broker alone keeps it), ``shared`` (the other present members of the client get it
too, counted) or ``members`` (they get it uncounted: what the broker says, and what members ask each other).
``relation`` is what an issuer must be to the client; ``run``: it is about a reconciliation and no client. ``change``
says what the event does to the record named by ``record``: ``put`` carries its whole state, ``drop`` removes it.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from shared.domain.catalogue import MASKED_CASH, UnknownCode, forms, wire_owners
from shared.domain.errors import Forbidden
from shared.domain.events import schema
from shared.domain.events.payloads import access, between, broker, erasing, people, reconciliation, support

RESTATED = "record.restated.v1"
URN = "urn:zwornik:event:"
_MODULES = (people, support, between, erasing, access, broker, reconciliation)
_SHAPES = {name: shape for module in _MODULES for name, shape in vars(module).items()}


class SetNotPermitted(Forbidden):
    """This institution may not send this event."""

    problem = "set-not-permitted"


class UnknownEventType(schema.SetSchema):
    """This version knows no event of that type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One row of the permission table with the shape of its payload."""

    name: str
    shape: type
    goes_to: Literal["broker", "shared", "members"]
    issuers: frozenset[str]
    relation: Literal["none", "enrolled", "member", "programme", "run"]
    record: str
    change: Literal["", "put", "drop"]

    @property
    def is_shared(self) -> bool:
        """Tell whether it is about a person and goes to the other members: it then carries ``n`` and ``prev``."""
        return self.goes_to == "shared"

    @property
    def is_of_run(self) -> bool:
        """Tell whether its subject is a run of reconciliation and no person."""
        return self.relation == "run"

    def key_of(self, payload: Any) -> str:
        """Return the key of the record it changes, unique for its issuer and client."""
        if self.record == "employment":
            return f"{payload.employment_id}:{payload.recorded}"
        return str(getattr(payload, _ID_FIELDS[self.record]))


_ID_FIELDS = {
    "support_form": "form_id",
    "benefit": "benefit_id",
    "registration": "registration_id",
    "contract": "contract_id",
    "referral": "referral_id",
    "referral_answer": "answer_id",
    "cost_agreement": "agreement_id",
    "restriction": "restriction_id",
}


def event_type(name: str) -> EventType:
    """Return the row of a type.

    :raises UnknownEventType: this version has none; a receiver keeps the SET and tries again after an upgrade.
    """
    try:
        return event_types()[name]
    except KeyError:
        raise UnknownEventType(field="events") from None


@cache
def event_types() -> Mapping[str, EventType]:
    """Return all types by name."""
    lines = files(__package__).joinpath("permissions.csv").read_text(encoding="utf-8").splitlines()
    return MappingProxyType({row["type"]: _event_type(row) for row in csv.DictReader(lines, delimiter=";")})


def require_permitted(kind: str, type_: EventType, payload: Any) -> None:
    """Refuse an event that an institution of this kind may not send, whatever its client.

    :raises SetNotPermitted: the kind may not send the type, or not this code of the catalogue.
    :raises UnknownCode: the catalogue has no such code.
    :raises SetSchema: a benefit whose code is not paid monthly, or that does not say what its code needs.
    """
    if kind not in type_.issuers:
        raise SetNotPermitted(expected=" or ".join(sorted(type_.issuers)), received=kind)
    if isinstance(payload, people.Restated):
        for record in restated_records(payload.records):
            require_permitted(kind, record.type, record.payload)
    elif isinstance(payload, support.SupportForm | support.Benefit):
        _require_code(kind, payload)


@dataclass(frozen=True, slots=True)
class Record:
    """One record inside a restatement: the event that would make it."""

    type: EventType
    payload: Any


def restated_records(items: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Return the records in a part of a restatement.

    :raises SetSchema: a record is of an unknown type, makes no record, or does not fit its type.
    """
    records = []
    for item in items:
        type_ = event_type(str(item.get("type")))
        if type_.change != "put":
            raise schema.SetSchema("A restatement holds only events that make a record.", field="records")
        records.append(Record(type_, schema.read(type_.shape, item["payload"])))
    return records


def _require_code(kind: str, payload: support.SupportForm | support.Benefit) -> None:
    owners = wire_owners().get(payload.code)
    if owners is None:
        raise UnknownCode(field="code")
    if kind not in owners:
        raise SetNotPermitted(field="code", expected=" or ".join(sorted(owners)), received=kind)
    if isinstance(payload, support.Benefit):
        _require_monthly(payload)


def _require_monthly(benefit: support.Benefit) -> None:
    """Refuse what an office would not take either: it would enter the benefit rule, "Effect to the benefit rule"."""
    form = forms().get(benefit.code)
    is_masked = benefit.code == MASKED_CASH
    if not (form.is_monthly_benefit if form else is_masked):
        raise schema.SetSchema("The code is not paid monthly.", field="code")
    if benefit.gained is not (form is not None and form.effect == "gained"):
        raise schema.SetSchema("Only what is paid for taking a job is gained.", field="gained")
    if (is_masked or benefit.gained) and benefit.kept_months is schema.UNSET:
        raise schema.SetSchema("The code does not say how long it is kept.", field="kept_months")
    if is_masked and benefit.remaining_net is None:
        raise schema.SetSchema("The code does not say what remains.", field="remaining_net")


def _event_type(row: dict[str, str]) -> EventType:
    return EventType(
        name=row["type"],
        shape=_SHAPES[row["shape"]],
        goes_to=row["goes_to"],  # type: ignore[arg-type]  # a shape test checks the file
        issuers=frozenset(row["issuers"].split()),
        relation=row["relation"],  # type: ignore[arg-type]
        record=row["record"],
        change=row["change"],  # type: ignore[arg-type]
    )
