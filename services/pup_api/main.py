"""The composition root of a labour office (PUP)."""

from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict

from services.pup_api.records import KINDS
from services.pup_api.routes import router
from shared.institution.app import create_app, create_node
from shared.institution.node import Institution
from shared.institution.operations.between.guards import BETWEEN_GUARDS
from shared.runtime.settings import MemberSettings


class PupSettings(MemberSettings):
    """Settings of a labour office, by variables that begin with ``PUP_``."""

    model_config = SettingsConfigDict(env_prefix="PUP_", extra="forbid", frozen=True, env_file=None)
    kinds = frozenset({"pup"})


PUP = Institution(
    program="pup",
    title="labour office (PUP)",
    settings=PupSettings,
    own_kinds=KINDS,
    own_routers=(router,),
    guards=BETWEEN_GUARDS,
)


def app() -> FastAPI:
    """Return the app that the environment describes; a factory for any ASGI server."""
    return create_app(create_node(PUP, PupSettings()))
