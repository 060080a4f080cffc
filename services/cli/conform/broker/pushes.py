"""What the node sends: enrolments that tell nothing more, and pushes that outlive refusals and lost answers."""

from collections.abc import Callable

from services.cli.conform.broker.bench import LATER_S, Bench, claims_of, type_of
from services.cli.conform.broker.wire import Exchange, Heard, Reply
from services.cli.conform.cases import Case, Deviation, Suite, expect
from shared.exchange.judge import judge
from shared.exchange.stream.forks import all_forks

SUITE: Suite[Bench] = Suite("6. Streams (push)")
PAUSE_S = 5
_Answer = Callable[[Bench, Heard], Reply]


@SUITE.case(
    "push-enrolment",
    sent="a client is registered at the node",
    expected="client.enrolled.v1 that holds in form, key, signature and schema; check, fingerprint and basis alone",
)
async def _enrolment(bench: Bench) -> str:
    text = await bench.enrolled()
    verdict = judge(text, bench.broker.identity.federation, bench.broker.directory)
    if verdict.failure is not None:
        raise Deviation(f"{verdict.failure.problem}: {verdict.failure.detail}")
    [payload] = claims_of(text)["events"].values()
    return expect(set(payload) == {"check", "key_fingerprint", "basis"}, f"a payload of {', '.join(payload)}")


@SUITE.case(
    "push-nothing-more",
    sent="a client is registered whom no other institution has",
    expected="nothing about the client but client.enrolled.v1",
)
async def _nothing_more(bench: Bench) -> str:
    since = bench.now
    token = claims_of(await bench.enrolled())["sub_id"]["id"]
    await bench.broker.clock.sleep(PAUSE_S)
    told = [type_of(text) for text in bench.pushed(since) if claims_of(text)["sub_id"]["id"] == token]
    return expect(told == ["client.enrolled.v1"], ", ".join(told))


@SUITE.case(
    "push-restatement",
    sent="joint_client.matched.v1: another institution has the client, too",
    expected="record.restated.v1 as the first shared event: n is 1, no prev, generation 1",
)
async def _restatement(bench: Bench) -> str:
    person = await bench.person()
    claims = claims_of(bench.restatement(person) or "")
    [payload] = claims["events"].values()
    came = f"n {claims.get('n')}, prev {claims.get('prev')}, generation {payload.get('generation')}"
    return expect((claims.get("n"), claims.get("prev"), payload.get("generation")) == (1, None, 1), came)


_WAITS: tuple[tuple[str, str, int, str], ...] = (
    ("push-rate-limited", "429 rate-limited to a push, Retry-After 5 s", 429, "rate-limited"),
    ("push-unavailable", "503 unavailable to a push, Retry-After 5 s", 503, "unavailable"),
)


def _waits(name: str, sent: str, status: int, problem: str) -> Case[Bench]:
    async def run(bench: Bench) -> str:
        def answer(bench: Bench, heard: Heard) -> Reply:
            return bench.wire.problem(heard, status, problem, retryable=True, retry_after_s=PAUSE_S)

        first, then = await _answered_once(bench, answer)
        waited = then.heard.at - first.at
        return expect(waited >= PAUSE_S, f"pushed again after {waited:.1f} s")

    return Case(name, SUITE.section, sent, "no push for 5 s; then the same SETs, which are taken", run)


SUITE.cases += [_waits(*row) for row in _WAITS]


@SUITE.case(
    "push-gap",
    sent="409 stream-gap that expects the position before the one pushed",
    expected="the node rewinds: it pushes from the expected position on, what is held byte for byte",
)
async def _gap(bench: Bench) -> str:
    await bench.enrolled()

    def answer(bench: Bench, heard: Heard) -> Reply:
        expected = int(heard.json["from"]) - 1
        return bench.wire.problem(heard, 409, "stream-gap", retryable=False, expected=expected)

    first, then = await _answered_once(bench, answer)
    rewound, pushed = then.heard.json["from"], first.json["from"]
    came = f"pushed from {rewound} after {pushed}, answered {then.status}"
    return expect(rewound == pushed - 1 and then.status == 200, came)


@SUITE.case(
    "push-lost-answer",
    sent="a push that is taken, but whose answer is lost",
    expected="no position is given twice: what the node writes next is taken, and there is no fork",
)
async def _lost(bench: Bench) -> str:
    lost: list[int] = []

    def after(heard: Heard, reply: Reply) -> Reply:
        if heard.iss != bench.node or not heard.is_push() or not heard.json.get("sets") or lost:
            return reply
        lost.append(reply.status)
        return Reply(502, b"")

    async with bench.broker.db.read() as session:
        before = len(await all_forks(session, "", 500))
    bench.wire.after = after
    since = bench.now
    await bench.writer.write()
    await bench.until(lambda: lost or None, "the node pushes what it wrote", LATER_S)
    await bench.enrolled()
    async with bench.broker.db.read() as session:
        forks = len(await all_forks(session, "", 500)) - before
    refused = [one.status for one in bench.calls(since) if one.heard.is_push() and 400 <= one.status < 500]
    return expect(not forks and not refused, f"the next SET was taken, {forks} forks, {len(refused)} refused pushes")


@SUITE.case(
    "push-forged-refusal",
    sent="429 with Retry-After of a day, without a proof",
    expected="not believed: the node pushes again within minutes",
)
async def _forged(bench: Bench) -> str:
    def answer(bench: Bench, heard: Heard) -> Reply:
        told = bench.wire.problem(heard, 429, "rate-limited", retryable=True, retry_after_s=86_400)
        return Reply(told.status, told.body, {name: told.headers[name] for name in ("content-type", "retry-after")})

    first, then = await _answered_once(bench, answer)
    return f"pushed again after {then.heard.at - first.at:.1f} s"


async def _answered_once(bench: Bench, answer: _Answer) -> tuple[Heard, Exchange]:
    """Answer one push that carries SETs in the broker's place; return it, and the next with its answer."""
    once: list[Heard] = []

    def before(heard: Heard) -> Reply | None:
        if heard.iss != bench.node or not heard.is_push() or not heard.json.get("sets") or once:
            return None
        once.append(heard)
        return answer(bench, heard)

    bench.wire.before = before
    since = bench.now
    await bench.writer.write()
    first = await bench.until(lambda: once[0] if once else None, "the node pushes what it wrote", LATER_S)

    def again() -> Exchange | None:
        pushes = [one for one in bench.calls(since) if one.heard.is_push() and one.heard is not first]
        return next((one for one in pushes if one.heard.json.get("sets") and one.reply), None)

    return first, await bench.until(again, "the node pushes again", LATER_S)
