"""A change of the match key in a federation of tests: announced, brought to offices, gone through by all that works."""

from datetime import datetime, timedelta

from services.broker.operations import directory
from services.broker.operations.match_keys import look_at_overlap
from services.broker.operations.overlap import change_over
from shared.domain.pesel import Pesel
from shared.domain.token import MatchKey
from shared.exchange.match_key_file import next_to, save_match_key
from shared.institution.operations.exchange.retelling import retell_all
from shared.institution.operations.keys import watch
from tests.builders import MATCH_KEY, Federation, Office, pesel

NEXT_KEY = MatchKey(epoch=2, secret=bytes(range(100, 132)))
TO_MOVE, TO_END = timedelta(days=14), timedelta(days=28)


async def announce(federation: Federation, key: MatchKey = NEXT_KEY) -> tuple[datetime, datetime]:
    """Let the operator announce the next key; return when it names people, and when the one before ends."""
    moves_at, ends_at = federation.clock.now() + TO_MOVE, federation.clock.now() + TO_END
    body = {
        "fingerprint": key.fingerprint,
        "epoch": key.epoch,
        "moves_at": moves_at.isoformat(),
        "ends_at": ends_at.isoformat(),
    }
    answer = await federation.operator.post("/v1/match-keys", json=body)
    assert answer.status_code == 200, answer.text
    await fetch(federation)
    return moves_at, ends_at


async def fetch(federation: Federation) -> None:
    """Let every office fetch the directory, published anew where it is old."""
    await directory.renew(federation.broker)
    await directory.reload(federation.broker)
    for office in federation.offices.values():
        federation.clock.go(5)
        await office.node.trust.refresh(unknown_key=True)


def bring(office: Office, key: MatchKey = NEXT_KEY) -> None:
    """Bring an office the next key, as ``zwornik match-key rotate`` does."""
    save_match_key(next_to(office.node.settings.match_key_file), key)
    watch(office.node)


def bring_alone(office: Office, key: MatchKey = NEXT_KEY) -> None:
    """Let an office have the next key only."""
    office.node.settings.match_key_file.unlink()
    save_match_key(office.node.settings.match_key_file, key)
    watch(office.node)


async def go_on(federation: Federation) -> None:
    """Let all that works in the background come to its end."""
    for _ in range(3):
        for office in federation.offices.values():
            await retell_all(office.node)
        await federation.settle()
        while await change_over(federation.broker):
            pass
        await federation.settle()
        await fetch(federation)
    async with federation.broker.db.read() as session:
        await look_at_overlap(session, federation.broker)


async def go_to(federation: Federation, moment: datetime) -> None:
    """Let time pass up to a moment, and do what is due then."""
    federation.clock.at = max(moment, federation.clock.at) + timedelta(minutes=1)
    await fetch(federation)
    await go_on(federation)


def token(number: int, key: MatchKey = MATCH_KEY) -> str:
    """Return the token of a person of tests by a key."""
    return key.token(Pesel(pesel(number)))
