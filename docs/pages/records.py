"""Makes the tables of ``docs/records.md``: each kind of record with its members, by the models themselves.

``python -m docs.pages.records`` writes the page anew; a test fails while it is stale. A new kind needs its row in
``SOURCES`` and its two marks in the page.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.ops_api.main import OPS
from services.pup_api.main import PUP
from shared.institution.between import BETWEEN_KINDS
from shared.institution.kinds import COMMON_KINDS, RecordKind
from shared.institution.models.listing import list_query
from shared.runtime.database.columns import Encrypted

PAGE = Path(__file__).resolve().parents[1] / "records.md"
KINDS: Sequence[RecordKind] = (*COMMON_KINDS, *BETWEEN_KINDS, *PUP.own_kinds, *OPS.own_kinds)
_FORMS = "`forms.csv`"
SOURCES = {
    "support_form": f"{_FORMS}; seed 000 (information flow on forms of support)",
    "benefit": f"{_FORMS}, `law.csv`; seed 000 (degressive support)",
    "work_cost": "seed 002 (care of children and dependants, travel); deductions by order of court or bailiff are ours",
    "household_income": "seed 001 (a family as a case); the household of the benefit rule",
    "referral": f"{_FORMS}, OPS-KSB (a contract on referral); seed 000 (information flow); purposes are ours",
    "referral_answer": "seed 000 (information flow); reasons are ours",
    "worker_assignment": "seed 004 (individual path); ours",
    "worker_substitution": "ours",
    "cost_agreement": "seed 000 (avoiding support given twice); ours",
    "registration": f"{_FORMS}, PUP-REJ (start, end, reason of the end)",
    "programme_membership": "seed 000 (150 recipients, 150 in comparison, half inheriting unemployment)",
    "contact_duty": "`law.csv`, CONTACT_DUTY (notices of the labour offices in Szczecinek and Sosnowiec, 2025)",
    "action_plan": f"{_FORMS}, PUP-IPD (start, end, days of review); seed 004 (individual path)",
    "action_plan_step": "seed 004 (individual path, instruments of activation)",
    "action_plan_review": f"{_FORMS}, PUP-IPD (days of review)",
    "job_offer": f"{_FORMS}, PUP-POS (day, offer, result)",
    "social_contract": f"{_FORMS}, OPS-KSA and OPS-KSB (goals, referral); seeds 002 and 004 (contracts)",
    "contract_goal": f"{_FORMS}, OPS-KSA and OPS-KSB (goals)",
    "contract_action": f"{_FORMS}, OPS-KSA (actions); seed 004 (individual path, instruments)",
    "contract_review": f"{_FORMS}, OPS-KSA (reviews)",
    "contract_signature": "seed 004 (a contract is written down and signed); who signs is ours",
    "household": "seed 001 (a family as a case); seed 002 (care of dependants)",
    "household_member": "seed 001 (a family as a case); seed 002 (care of children and dependants)",
    "family_interview": f"{_FORMS}, OPS-WYW (date, household); regulation of 8 April 2021 (Dz.U. 2021 poz. 893), § 3",
    "activation_programme": f"{_FORMS}, OPS-PAL, OPS-PIZ, OPS-IPB, OPS-IPU, OPS-IPI; seed 002 (tools)",
    "allowance_decision": f"{_FORMS}; `allowances.csv` (articles of the act on social assistance)",
    "care_cost": "seed 002 (costs of care during activities)",
    "target_group_mark": "`target_groups.csv`; seed 002 (target groups)",
}
"""Where each kind of record comes from; classification and words of outcomes are ours."""
_TYPES = {"string": "text", "integer": "whole number", "boolean": "yes or no"}
_CHOICE = re.compile(r"\^\(([a-z_0-9|A-Z]+)\)\$")


def members(kind: RecordKind) -> Iterator[tuple[str, str, str, str]]:
    """Yield each member of what is sent: name, type, whether it must be there, and what it means."""
    schema = kind.create.model_json_schema(by_alias=True)
    encrypted = {c.key for c in kind.row.__table__.columns if isinstance(c.type, Encrypted)}
    for name, member in schema["properties"].items():
        shape = next((one for one in member.get("anyOf", [member]) if one.get("type") != "null"), member)
        meaning = member.get("description") or shape.get("description") or ""
        if name == kind.parent_id and kind.parent:
            meaning = f"The record of `{kind.parent.path}` to which it belongs."
        kept = " Stands encrypted." if name in encrypted else ""
        needed = "yes" if name in schema.get("required", ()) else ""
        yield name, _type(name, shape), needed, meaning + kept


def _type(name: str, shape: dict[str, Any]) -> str:
    if choice := _CHOICE.fullmatch(shape.get("pattern", "")):
        return ", ".join(f"`{word}`" for word in choice[1].split("|"))
    if name.endswith("_gr"):
        return "grosze"
    if shape.get("format") == "date":
        return "day"
    kind = _TYPES[shape["type"]]
    return f"{kind}, up to {shape['maxLength']}" if "maxLength" in shape else kind


def section(kind: RecordKind) -> str:
    """Return what the page says of a kind."""
    query = list_query(kind.name, kind.row, kind.create, kind.filters, kind.parent_id).model_fields
    common = {"sort", "after", "limit"}
    filters = ", ".join(f"`{name}`" for name in query if name not in common)
    ending = ", ".join(f"`{info.alias or name}`" for name, info in kind.close.model_fields.items())
    rows = [f"| `{name}` | {type_} | {needed} | {meaning} |" for name, type_, needed, meaning in members(kind)]
    return "\n".join(
        [
            f"`/v1/clients/{{client_id}}/{kind.path}`, `/v1/{kind.path}` · source: {SOURCES[kind.name]}",
            "",
            _leaving(kind),
            "",
            "| member | type | needed | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Closed by {ending}{_outcome(kind)}. Lists are narrowed by {filters}.",
        ]
    )


def _leaving(kind: RecordKind) -> str:
    if not kind.leaves:
        return "Never leaves the office."
    names = dict.fromkeys(one for one in (kind.opened, kind.amended, kind.closed, kind.voided) if one)
    return "Leaves as " + ", ".join(f"`{name}`" for name in names) + "."


def _outcome(kind: RecordKind) -> str:
    return f"; `{kind.ends_with}`, once stated, closes it" if kind.ends_with else ""


def made_page(page: str) -> str:
    """Return the page with what it says of each kind made anew, between its two marks.

    :raises ValueError: a kind has no marks there, or more than two.
    """
    for kind in KINDS:
        marks = rf"(<!-- {kind.name}: made by docs/pages/records.py -->\n).*?(<!-- end -->)"
        text = section(kind)
        page, count = re.subn(marks, lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"docs/records.md has {count} places for {kind.name} instead of one")
    return page


if __name__ == "__main__":
    PAGE.write_text(made_page(PAGE.read_text("utf-8")), "utf-8")
