"""The broker's own key changes: who pinned the old one follows the word of the old on the new (WIRE.md, section 1)."""

from services.broker.operations import directory
from shared.exchange.keys import SigningKey, save_key
from shared.exchange.stream.checkpoint import RECEIPT_TYPE, check_checkpoint
from shared.exchange.stream.heads import find_head, mark_at
from shared.exchange.stream.tables import ReceiptRow
from shared.institution.operations.exchange.recovering import last_receipt
from tests.builders import Federation, Office
from tests.federation.saying import joint

NEW = SigningKey.from_seed(b"the broker's second key")
DAY_S = 24 * 3600


async def open_form(office: Office, client: str) -> None:
    await office.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})


async def change_key(federation: Federation) -> str:
    """Put a new key beside the broker's; return the old one's thumbprint."""
    old = federation.broker.key.kid
    save_key(federation.broker.settings.key_dir, NEW)
    await directory.take_up_keys(federation.broker)
    return old


async def days(federation: Federation, office: Office, client: str, number: int) -> None:
    """Let days pass on which the office goes on writing."""
    for _ in range(number):
        federation.clock.go(DAY_S)
        await federation.sign_anew()
        await open_form(office, client)
        await federation.settle()


async def test_members_follow_the_broker_to_its_new_key_and_nothing_stands_still(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    old = await change_key(federation)
    assert federation.broker.key.kid == old, "a new key is shown before it signs"
    await days(federation, pup, at_pup, 2)
    assert federation.broker.key.kid == NEW.kid
    for office in (pup, ops):
        held = office.node.trust.directory
        assert held is not None
        assert (held.signer, office.node.trust.pinned) == (NEW.kid, old)
    assert len((await ops.get(f"/v1/clients/{at_ops}/merged-view"))["entries"]) == 2
    assert await ops.get("/v1/dead-letters") == []


async def test_a_restart_knows_which_key_the_pinned_one_led_to(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    before = federation.broker.directory_token
    old = await change_key(federation)
    await days(federation, pup, at_pup, 2)
    pup.node.client.directory = None
    await pup.node.trust.load()
    held = pup.node.trust.directory
    assert held is not None
    assert (held.signer, pup.node.trust.pinned) == (NEW.kid, old)
    serial = held.serial
    assert federation.broker.directory.serial == serial
    federation.broker.directory_token = before  # whoever has the old key alone leads nobody back
    federation.clock.go(400)
    pup.node.trust._etag = None
    assert "not signed by the pinned key" in await refused(pup)
    assert pup.node.trust.directory is not None
    assert pup.node.trust.directory.serial == serial


async def refused(office: Office) -> str:
    try:
        await office.node.trust.refresh(unknown_key=True)
    except Exception as failure:
        return str(failure)
    return ""


async def test_an_old_receipt_still_verifies_long_after_the_key_ended(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await open_form(pup, at_pup)
    await federation.settle()
    async with pup.node.db.read() as session:
        head = await find_head(session, pup.id, "broker")
        assert head is not None
        position = await last_receipt(session, head)
        receipt = await session.get(ReceiptRow, (head.id, position))
        mark = await mark_at(session, head, position)
    assert receipt is not None
    await change_key(federation)
    await days(federation, pup, at_pup, 10)
    held = pup.node.trust.directory
    assert held is not None
    assert held.signer == NEW.kid
    check_checkpoint(receipt.receipt, mark, held, typ=RECEIPT_TYPE)


async def test_a_restarted_broker_goes_on_with_the_key_that_it_had_announced(federation: Federation) -> None:
    old = await change_key(federation)
    federation.broker.directory_token = ""
    before = federation.broker.directory.serial
    await directory.open_up(federation.broker)
    assert federation.broker.directory.serial == before, "it has said so already"
    assert federation.broker.key.kid == old
    federation.clock.go(DAY_S + 1)
    await directory.open_up(federation.broker)
    assert federation.broker.key.kid == NEW.kid
