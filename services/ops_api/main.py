"""The composition root of a welfare centre (OPS); ``pcpr`` and ``ngo`` run this program too."""

from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict

from services.ops_api.operations.guard import GUARDS
from services.ops_api.records import KINDS
from services.ops_api.routes import router
from shared.domain.institutions import WELFARE_KINDS
from shared.institution.app import create_app, create_node
from shared.institution.node import Institution
from shared.runtime.settings import MemberSettings


class OpsSettings(MemberSettings):
    """Settings of a welfare centre, by variables that begin with ``OPS_``."""

    model_config = SettingsConfigDict(env_prefix="OPS_", extra="forbid", frozen=True, env_file=None)
    kinds = WELFARE_KINDS


OPS = Institution(
    program="ops",
    title="welfare centre (OPS)",
    settings=OpsSettings,
    own_kinds=KINDS,
    own_routers=(router,),
    guards=GUARDS,
)


def app() -> FastAPI:
    """Return the app that the environment describes; a factory for any ASGI server."""
    return create_app(create_node(OPS, OpsSettings()))
