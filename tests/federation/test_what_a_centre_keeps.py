"""What a welfare centre keeps to itself: of a shared client, only what may leave reaches the labour office."""

from typing import Any

from sqlalchemy import select

from shared.exchange.stream.tables import EntryRow
from tests.builders import Federation, Office
from tests.federation.saying import joint

PERIOD = {"from": "2026-02-01", "until": "2026-12-31"}


async def sent(office: Office) -> int:
    """How many entries the office's stream holds."""
    async with office.node.db.read() as session:
        return len(list(await session.scalars(select(EntryRow.position).where(EntryRow.iss == office.id))))


async def keep_all(ops: Office, client: str, named: dict[str, str]) -> list[str]:
    """Record one of each kind that stays; return the paths."""
    path, due = f"/v1/clients/{client}", {"due": "2026-06-01"}
    contract, home, form = ({name: named[name]} for name in ("social_contract_id", "household_id", "support_form_id"))
    decision = {"number": "1", "decided_on": "2026-02-01", "outcome": "refused", "code": "OPS-ZST", "basis": "ups_37"}
    bodies: dict[str, dict[str, Any]] = {
        "contract-goals": contract | due | {"what": "praca"},
        "contract-actions": contract | due | {"what": "kurs"},
        "contract-reviews": contract | due,
        "contract-signatures": contract | due | {"who": "client"},
        "household-members": home | PERIOD | {"kinship": "child"},
        "family-interviews": home | due,
        "activation-programmes": form | PERIOD | {"code": "OPS-IPB", "aim": "dom"},
        "care-costs": form | PERIOD | {"cared_for": "child", "amount_gr": 1},
        "allowance-decisions": PERIOD | decision,
        "target-group-marks": {"group": "after_prison", "since": "2026-02-01"},
    }
    for name, body in bodies.items():
        await ops.post(f"{path}/{name}", body)
    return list(bodies)


async def test_of_all_that_a_centre_keeps_only_what_may_leave_is_told(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    path = f"/v1/clients/{at_ops}"
    contract = await ops.post(f"{path}/social-contracts", {"form": "A", "goals": 1, "from": "2026-02-01"})
    home = await ops.post(f"{path}/households", {"number": "GD/17", "members": 2, "from": "2026-01-01"})
    told = await sent(ops)
    form = await ops.post(f"{path}/support-forms", PERIOD | {"code": "OPS-IPB"})
    named = {"social_contract_id": contract["id"], "household_id": home["id"], "support_form_id": form["id"]}
    kept = await keep_all(ops, at_ops, named)
    leaving = {kind.path for kind in ops.node.institution.kinds_told}
    own = {kind.path for kind in ops.node.institution.own_kinds}
    assert set(kept) == own - leaving
    assert await sent(ops) == told

    await ops.post(f"{path}/support-forms", PERIOD | {"code": "OPS-PAL"})
    assert await sent(ops) == told + 1
    await federation.settle()
    view = await pup.get(f"/v1/clients/{at_pup}/merged-view")
    codes = [entry["payload"]["code"] for entry in view["entries"] if "code" in entry["payload"]]
    assert codes == ["OPS-PAL"]

    referral = {"referral_id": "S/7/2026", "referral_day": "2026-01-20"}
    await ops.post(f"{path}/social-contracts", referral | {"form": "B", "from": "2026-02-01"})
    await federation.settle()
    view = await pup.get(f"/v1/clients/{at_pup}/merged-view")
    assert "S/7/2026" not in str(view)
    forms = sorted(entry["payload"]["form"] for entry in view["entries"] if "form" in entry["payload"])
    assert forms == ["A", "B"]
