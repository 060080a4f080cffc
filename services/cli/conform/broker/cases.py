"""All cases for an institution's node; what is asked of every call stands last."""

from dataclasses import replace

from services.cli.conform.broker import answers, keys, mail, pushes, reconciling
from services.cli.conform.broker.bench import Bench
from services.cli.conform.cases import Case

_SUITES = (pushes.SUITE, reconciling.SUITE, mail.SUITE, keys.SUITE, answers.PROOFS, answers.STREAMS, keys.PROOFS)


def _mended(case: Case[Bench]) -> Case[Bench]:
    """Return a case that leaves the wire true behind it, however it went."""

    async def run(bench: Bench) -> str:
        try:
            return await case.run(bench)
        finally:
            bench.wire.mend()

    return replace(case, run=run)


CASES: tuple[Case[Bench], ...] = tuple(_mended(case) for suite in _SUITES for case in suite.cases)
