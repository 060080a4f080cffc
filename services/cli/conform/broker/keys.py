"""The directory and its keys, as the node meets them; and the proofs of all calls that the node made."""

from collections import Counter

from services.cli.conform.broker.bench import SOON_S, Bench
from services.cli.conform.broker.mail import found
from services.cli.conform.broker.stage import give_key
from services.cli.conform.broker.wire import Heard, Reply
from services.cli.conform.cases import Case, Deviation, Suite, expect
from services.cli.conform.institution.stream import event
from shared.exchange.directory import Directory, Member
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey
from shared.exchange.member_keys import MemberKey, sign_introduction
from shared.exchange.proofs.request import LIFETIME_S

SUITE: Suite[Bench] = Suite("1. Names, keys, directory (of a member)")
PROOFS: Suite[Bench] = Suite("3. Proofs (of the node's calls)")
RELOAD_PAUSE_S = 5
_FALSE: tuple[tuple[str, str, dict[str, int | str]], ...] = (
    ("directory-stranger", "a directory that a stranger signed, with a stranger's key in it", {"signer": "stranger"}),
    ("directory-older", "a directory of a lower serial than the last, with a stranger's key in it", {"serial": -1000}),
    ("directory-federation", "a directory of another federation, with a stranger's key in it", {"federation": "x"}),
)


@SUITE.case(
    "key-change",
    sent="mail that is signed with a new key, which the operator approved a moment ago",
    expected="the node looks for the key and takes the mail: acknowledged without an error",
)
async def _key_change(bench: Bench) -> str:
    await bench.person()
    player, key = bench.neighbour, SigningKey.generate()
    area = bench.broker.directory.members[player.id].area
    await give_key(bench.broker, player.id, area[0], key, player.identity.keys[0])
    player.identity = player.client.identity = Identity(player.id, player.identity.federation, [key])
    since = bench.now
    position = await bench.mail()
    poll = (await bench.acknowledged(position, since)).json
    named = [error for error in poll.get("set_errors", []) if error["position"] == position]
    return expect(not named, f"acknowledged, {named[0]['problem'] if named else 'no error'}")


def _refused(name: str, sent: str, lie: dict[str, int | str]) -> Case[Bench]:
    async def run(bench: Bench) -> str:
        return await _not_taken(bench, lie)

    expected = "refused: mail under that key is acknowledged and named as set-signature"
    return Case(name, SUITE.section, sent, expected, run)


async def _not_taken(bench: Bench, lie: dict[str, int | str]) -> str:
    """Answer the question for the directory with a false one, and send mail under a key that it alone names."""
    person = await bench.person()
    key = SigningKey.generate()
    false = _directory(bench, key, lie)
    asked: list[Heard] = []

    def before(heard: Heard) -> Reply | None:
        if heard.method != "GET" or not heard.path.startswith("/v1/directory"):
            return None
        if heard.path != "/v1/directory":
            return Reply(404, b"", {})
        asked.append(heard)
        return Reply(200, false.encode(), {"content-type": "application/zwornik-directory+jwt"})

    bench.wire.before = before
    await bench.broker.clock.sleep(RELOAD_PAUSE_S)
    changes = {"sub_id": {"format": "opaque", "id": person.token}, "n": person.n + 2000, "prev": "A" * 43}
    came = ""
    for _ in range(2):  # the first makes the node look for the key; the second shows whether it took what it found
        text = event(bench.neighbour, "support_form.opened.v1", bench.form(), key=key, **changes)
        came = await found(bench, text, "set-signature")
    if not asked:
        raise Deviation("the node met an unknown key and did not ask for the directory")
    return came


def _directory(bench: Bench, key: SigningKey, lie: dict[str, int | str]) -> str:
    true = bench.broker.directory
    signer = bench.neighbour.stranger if lie.get("signer") else bench.wire.key
    player = bench.neighbour
    word = sign_introduction(
        player.identity.keys[0], iss=player.id, federation=true.federation, introduces=key.kid, now=player.now
    )
    false = MemberKey(key.public, 0, player.now + 3600, word)
    members = [_with(member, false) if member.id == bench.neighbour.id else member for member in true.members.values()]
    directory = Directory(
        serial=true.serial + int(lie.get("serial", 1)),
        federation=str(lie.get("federation", true.federation)),
        match_keys=true.match_keys,
        members=members,
    )
    return directory.sign(signer)


def _with(member: Member, key: MemberKey) -> Member:
    return Member(
        id=member.id,
        kind=member.kind,
        name=member.name,
        area=member.area,
        state=member.state,
        contact=member.contact,
        keys=(*member.keys, key),
    )


SUITE.cases += [_refused(*row) for row in _FALSE]


@SUITE.case(
    "key-unchained",
    sent="mail that is signed with a new key which the directory lists and no earlier key of its owner introduced",
    expected="quarantined until an official confirms the key: acknowledged, and named as set-signature",
)
async def _unchained(bench: Bench) -> str:
    person = await bench.person()
    player, key = bench.neighbour, SigningKey.generate()
    await give_key(bench.broker, player.id, bench.broker.directory.members[player.id].area[0], key)
    await bench.broker.clock.sleep(RELOAD_PAUSE_S)
    changes = {"sub_id": {"format": "opaque", "id": person.token}, "n": person.n + 3000, "prev": "A" * 43}
    return await found(
        bench, event(player, "support_form.opened.v1", bench.form(), key=key, **changes), "set-signature"
    )


@PROOFS.case(
    "calls-proven",
    sent="every call that the node made so far",
    expected=f"each under a proof that holds, for at most {LIFETIME_S} s",
)
async def _proven(bench: Bench) -> str:
    await bench.until(lambda: bench.calls() or None, "the node calls", SOON_S)
    calls = [one.heard for one in bench.wire.exchanges if one.heard.path.startswith("/v1/streams/")]
    unproven = sum(not heard.iss for heard in calls)
    long = sum(one.heard.claims.get("exp", 0) - one.heard.claims.get("iat", 0) > LIFETIME_S for one in bench.calls())
    refused = [
        str(one.reply.json["type"]).rpartition(":")[2] for one in bench.calls() if one.reply and one.status == 401
    ]
    names = Counter(name for name in refused if name.startswith("proof-"))  # others: the node was not approved yet
    told = f"{len(bench.calls())} calls, {unproven} without a proof, {long} for too long, {names.total()} refused"
    return expect(not unproven and not long and not names, told + "".join(f" {name}" for name in names))


@PROOFS.case("calls-ids", sent="every call that the node made so far", expected="a jti of its own in each proof")
async def _ids(bench: Bench) -> str:
    await bench.until(lambda: bench.calls() or None, "the node calls", SOON_S)
    ids = Counter(str(one.heard.claims.get("jti")) for one in bench.calls())
    return expect(max(ids.values()) == 1, f"{ids.total()} calls, {len(ids)} ids")
