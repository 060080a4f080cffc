"""What a job would change, before it is taken: asked and answered, stored and sent nowhere."""

from shared.institution.models.preview import PreviewQuestion
from shared.institution.models.previewed import Preview
from shared.institution.operations import preview
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import Previewer, ReadDb, ThisNode
from shared.institution.routes.joint import Language
from shared.runtime.app import new_router

router = new_router(tags=["joint clients"])


@router.post("/clients/{client_id}/degressive-benefit/preview")
async def preview_degressive_benefit(
    client_id: ClientId, asked: PreviewQuestion, db: ReadDb, node: ThisNode, who: Previewer, language: Language = "pl"
) -> Preview:
    """Work out what a job would change (*symulacja*): wage, benefits, schedule; it works while the broker is down."""
    return await preview.preview(db, node, client_id, asked, language)
