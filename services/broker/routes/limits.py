"""What a member may ask of the broker, and how much of it is spent (WIRE.md, section 6)."""

from pydantic import BaseModel, Field

from services.broker.operations import quotas
from services.broker.routes.deps import Node, ReadDb
from services.broker.routes.proven import Member
from shared.exchange.sets import MAX_SET_BYTES
from shared.exchange.stream.deliver import MAX_SETS
from shared.runtime.app import new_router
from shared.runtime.gate import MAX_BODY_BYTES

router = new_router(tags=["streams"])


class QuotaView(BaseModel):
    """A quota: ``sets`` and ``bytes`` that are pushed, ``reads`` of persons; ``resets_in_s`` until it begins anew."""

    what: str = Field(examples=["sets"])
    period_s: int = Field(examples=[60])
    limit: int = Field(examples=[60000])
    used: int = Field(examples=[1500])
    resets_in_s: int = Field(examples=[17])


class LimitsView(BaseModel):
    """The caller's quotas, and how large one call may be."""

    quotas: list[QuotaView]
    max_sets: int = Field(examples=[MAX_SETS], description="SETs in one push or one answer to a poll.")
    max_set_bytes: int = Field(examples=[MAX_SET_BYTES], description="Bytes of one SET.")
    max_body_bytes: int = Field(examples=[MAX_BODY_BYTES], description="Bytes of one request's body.")


@router.get("/limits")
async def read_limits(db: ReadDb, broker: Node, caller: Member) -> LimitsView:
    """Show the caller's quotas, what is spent of them, and the sizes that one call may have."""
    spent = await quotas.uses(db, broker, caller.institution)
    views = [
        QuotaView(what=one.what, period_s=one.period_s, limit=one.limit, used=one.used, resets_in_s=one.resets_in_s)
        for one in spent
    ]
    return LimitsView(quotas=views, max_sets=MAX_SETS, max_set_bytes=MAX_SET_BYTES, max_body_bytes=MAX_BODY_BYTES)
