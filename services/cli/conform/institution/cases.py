"""All cases for a broker, in the order of the standard."""

from services.cli.conform.cases import Case
from services.cli.conform.institution import bodies, directory, events, mailbox, proofs, reconciling, streams
from services.cli.conform.institution.player import Player

CASES: tuple[Case[Player], ...] = tuple(
    case for module in (directory, proofs, events, streams, bodies, mailbox, reconciling) for case in module.SUITE.cases
)
