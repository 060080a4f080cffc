"""Bearer tokens from a node's own key, for offices without an issuer of their own."""

from typing import Annotated

import typer

from services.cli.programs import Mendable, settings_of
from services.cli.running import ProgramArgument
from shared.domain.pesel import holds_a_pesel
from shared.domain.roles import roles
from shared.exchange.keys import load_keys
from shared.runtime.bearer import issue_token
from shared.runtime.clock import SystemClock, unix

MEMBER_SCOPES = (
    "clients:read",
    "clients:write",
    "support:write",
    "records:import",
    "clients:export",
    "merged:read",
    "benefit:preview",
    "benefit:decide",
    "data:protect",
    "audit:read",
    "admin",
)
BROKER_SCOPES = ("broker:read", "broker:approve", "broker:suspend", "broker:redrive")


def token(
    program: ProgramArgument,
    subject: Annotated[str, typer.Option(help="A pseudonym that the office made for the official or the system.")],
    scope: Annotated[list[str] | None, typer.Option(help="A scope; repeat it for more.")] = None,
    role: Annotated[str, typer.Option(help=f"A role, which bundles scopes: {', '.join(roles())}.")] = "",
    all_scopes: Annotated[bool, typer.Option(help="Every scope of this service.")] = False,
    hours: Annotated[float, typer.Option(help="How long the token holds.", min=0.01, max=24 * 31)] = 8,
) -> None:
    """Issue a bearer token for a service whose issuer is the node itself."""
    settings = settings_of(program)
    known = BROKER_SCOPES if program == "broker" else MEMBER_SCOPES
    scopes = known if all_scopes else tuple(scope or ())
    unknown = [name for name in scopes if name not in known]
    if role and (program == "broker" or role not in roles()):
        raise Mendable(f"the roles of an office are {', '.join(roles())}; a broker has none")
    if unknown or not (scopes or role):
        raise Mendable(f"name scopes with --scope, --role or --all-scopes; known scopes are {', '.join(known)}")
    if settings.issuer:
        raise Mendable(f"the issuer of this service is {settings.issuer}; get a token there")
    if not subject.strip() or holds_a_pesel(subject):
        raise Mendable("the subject is a pseudonym that the office made: it is logged, so it is no name and no PESEL")
    keys = load_keys(settings.key_dir)
    if not keys:
        raise Mendable(f"{settings.key_dir} holds no key; make one with: zwornik keys generate {settings.key_dir}")
    now = unix(SystemClock().now())
    signing = (keys[0].kid, keys[0].private)
    ttl_s = int(hours * 3600)
    print(issue_token(signing, issuer=settings.id, subject=subject, scopes=scopes, iat=now, ttl_s=ttl_s, role=role))
