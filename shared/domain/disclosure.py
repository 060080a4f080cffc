"""An office's own rule on what leaves it: it may tighten what the catalogue allows, and never widen it.

The catalogue says how a form of support leaves: as it is (``kind``), by its ``group`` alone, as masked ``cash``, or not
at all. An office adds rows of a code or a whole group, each with ``kind``, ``group`` or ``nothing``. The row of a group
says how much may leave of it at most; a code's own row comes before it.

>>> policy = Policy.of({"PUP-STA": "nothing"}, kind="pup")
>>> policy.rule("PUP-STA"), policy.rule("PUP-POS")
('nothing', 'kind')
>>> Policy.of({"OPS-ZST": "kind"}, kind="ops")
Traceback (most recent call last):
Widened: The catalogue lets less leave than this row would; an office may only tighten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.domain.catalogue import Form, UnknownCode, forms, wire_owners
from shared.domain.errors import Invalid
from shared.domain.events.payloads.support import SupportForm

RULES = ("kind", "group", "nothing")
_STRICTNESS: Mapping[str, int] = {"kind": 0, "group": 1, "cash": 1, "nothing": 2}


class Widened(Invalid):
    """The catalogue lets less leave than this row would; an office may only tighten."""


class NoSuchRule(Invalid):
    """A form leaves as it is (kind), by its group alone (group), or not at all (nothing)."""


class GroupDoesNotTravel(Invalid):
    """A form of this code cannot leave by its group; let it leave as it is, or not at all."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an office tightened, by code; without a row the catalogue's own rule holds."""

    tightened: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Mapping[str, str], *, kind: str) -> "Policy":
        """Return the policy of an institution of a kind from rows of codes and groups.

        :raises NoSuchRule: a rule is none.
        :raises UnknownCode: a row names neither a code nor a group of the catalogue.
        :raises Widened: a row would let more leave than the catalogue.
        :raises GroupDoesNotTravel: a row masks by a group what the broker would not take from this kind so.
        """
        by_group: dict[str, str] = {}
        by_code: dict[str, str] = {}
        for name, rule in rows.items():
            _check_rule(name, rule)
            of_name = [form for form in forms().values() if name in (form.code, form.group)]
            if not of_name:
                raise UnknownCode(field=name, expected="a code or a group of GET /v1/catalogue/forms")
            for form in of_name:
                if form.code == name:
                    _require_no_wider(form, rule)
                    by_code[name] = rule
                elif _STRICTNESS[rule] > _STRICTNESS[form.discloses]:
                    by_group[form.code] = rule
                _require_travels(form, rule, kind)
        return cls(by_group | by_code)

    def rule(self, code: str) -> str:
        """Return how a form leaves this office: the stricter of its own rule and the catalogue's."""
        return self.tightened.get(code, forms()[code].discloses)

    def leaving(self, code: str | None, payload: Any) -> Any:
        """Return what is left of a payload that the catalogue lets go, or ``None`` where the office keeps it."""
        rule = self.tightened.get(code or "")
        if payload is None or rule in (None, "kind"):
            return payload
        if rule == "nothing" or not isinstance(payload, SupportForm):
            return None
        return replace(payload, code=_mask(forms()[str(code)]), hours_total=None, amount=None)


def _check_rule(name: str, rule: str) -> None:
    if rule not in RULES:
        raise NoSuchRule(field=name, expected=" or ".join(RULES), received=rule)


def _require_no_wider(form: Form, rule: str) -> None:
    if _STRICTNESS[rule] < _STRICTNESS[form.discloses] or (rule == "group" and form.discloses == "cash"):
        raise Widened(field=form.code, expected=form.discloses, received=rule)


def _require_travels(form: Form, rule: str, kind: str) -> None:
    """Refuse to mask what this kind gives by a group under which the broker would not take it."""
    masks = rule == "group" and form.discloses == "kind" and kind in form.owners
    if masks and (form.is_monthly_benefit or kind not in wire_owners().get(_mask(form), ())):
        raise GroupDoesNotTravel(field=form.code, expected="kind or nothing", received=rule)


def _mask(form: Form) -> str:
    return f"{form.group}-X"
