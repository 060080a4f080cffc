"""The use case: what would follow from each job that is asked about, side by side."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.before_job import held_benefits
from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.dated import NoValue
from shared.domain.benefit.explain import Language
from shared.domain.benefit.law import law_version
from shared.domain.benefit.parameters import SchemeParameters, parse_parameters, scheme_version
from shared.domain.benefit.prospect.held import Job
from shared.domain.benefit.prospect.look_ahead import look_ahead
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.benefit.rule import RULE_VERSION
from shared.domain.errors import Invalid
from shared.institution.models.preview import AskedVariant, PreviewQuestion
from shared.institution.models.previewed import Preview, PreviewedVariant
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.benefit.degressive import counted_as_income
from shared.institution.operations.benefit.known import Known, known
from shared.institution.operations.preview.answer import variant_view
from shared.institution.operations.preview.entering import entered, household, sources
from shared.institution.operations.restricted import require_unrestricted


class OutsideTheTables(Invalid):
    """The tables of law and of the scheme have no figure for that day."""


async def preview(
    session: AsyncSession, node: Node, client_id: str, asked: PreviewQuestion, language: Language
) -> Preview:
    """Return what a job would change for a client, and each variant of it.

    :raises NotFound: no such client.
    :raises ClientWithdrawn: the client was withdrawn.
    :raises DataRestricted: the data are only kept.
    :raises OutsideTheTables: a figure is not known for the first day of work; the text names the gap.
    :raises Invalid: parameters outside their bounds, or benefits that are too much together.
    """
    client = clients.require_active(await clients.get(session, client_id))
    knows = await known(session, node, require_unrestricted(client))
    variants = [
        _variant(knows, asked, offer, language, at=f"variants[{number - 1}]." if number else "")
        for number, offer in enumerate(asked.offers())
    ]
    return Preview(
        client_id=client_id,
        joint=knows.joint,
        based_on=knows.based_on,
        members=list(knows.members),
        arm=knows.facts.arm,
        as_of=knows.as_of,
        counts_as_income=counted_as_income(asked.start),
        versions={"rule": RULE_VERSION, "parameters": scheme_version(), "law": law_version()},
        beside=sources(asked, knows.kept),
        variants=variants,
    )


def _variant(
    knows: Known, asked: PreviewQuestion, offer: AskedVariant, language: Language, *, at: str
) -> PreviewedVariant:
    """Work out one job; ``at`` is where it stands in the question, for an error to say."""
    start = offer.start or asked.start
    try:
        parameters = _parameters(asked, offer, at)
        ahead = look_ahead(
            held_benefits(knows.facts.told, start=start),
            job=_job(asked, offer),
            household=household(asked, knows.kept, on=start),
            parameters=parameters,
            counts_as_income=case_settings(on=start).counts_as_income,
        )
        return variant_view(knows, entered(asked, knows.kept), offer, ahead, Telling(language))
    except NoValue as gap:
        raise OutsideTheTables(
            gap.detail, field=f"{at}start", received=start.isoformat(), parameter=gap.field
        ) from None


def _job(asked: PreviewQuestion, offer: AskedVariant) -> Job:
    start = offer.start or asked.start
    if offer.gross_gr is not None:
        return Job.of_gross(offer.gross_gr, start=start, is_referred=offer.referred)
    return Job(start=start, net_gr=offer.net_gr or 0, is_referred=offer.referred)


def _parameters(asked: PreviewQuestion, offer: AskedVariant, at: str) -> SchemeParameters:
    """Return the parameters in force on the first day of work, with those that were set by hand."""
    given = offer.parameters.model_dump(exclude_unset=True) if offer.parameters else {}
    is_own = offer.parameters is not asked.parameters
    return parse_parameters(given, on=offer.start or asked.start, field=f"{at if is_own else ''}parameters")
