"""The composition of an institution: a node from its settings, and the app of a node."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import Response

from shared.domain.institutions import kind_of
from shared.domain.roles import roles
from shared.exchange.client.broker import BrokerClient, Transport
from shared.exchange.identity import Identity
from shared.exchange.issuer import issuer_keys
from shared.exchange.keys import load_keys
from shared.exchange.trust import Trust
from shared.institution.node import Institution, Node
from shared.institution.operations.exchange.starting import start
from shared.institution.operations.idempotency import Replayed
from shared.institution.operations.match_keys import is_in_step, read_keys
from shared.institution.policy import load_policy
from shared.institution.routes import (
    access,
    between,
    case,
    catalogue,
    client_file,
    clients,
    disclosures,
    employments,
    exchange,
    imports,
    joint,
    keys,
    letters,
    notices,
    payables,
    preview,
    protection,
    purges,
    reconciliation,
    subject_requests,
    systems,
)
from shared.institution.routes.records import record_router
from shared.institution.worker import Worker
from shared.runtime.app import Lifespan, Readiness, new_app
from shared.runtime.bearer import Bearer
from shared.runtime.clock import Clock, SystemClock, unix
from shared.runtime.database.encryption import load_pii_keys
from shared.runtime.database.engine import Database
from shared.runtime.ids import Ids, SystemIds
from shared.runtime.settings import MemberSettings

_DESCRIPTION = """An institution's own service: it keeps its clients and what it gives them, shares what clients have
in common with the other side through the broker, and shows one merged history. Money is grosze; both ends of a
period are days in force; a PESEL never stands in a URL."""


_ROUTERS = (
    clients.router,
    client_file.router,
    employments.router,
    joint.router,
    between.router,
    case.router,
    preview.router,
    payables.router,
    catalogue.router,
    systems.router,
    imports.router,
    access.router,
    disclosures.router,
    protection.router,
    purges.router,
    subject_requests.router,
    notices.router,
    exchange.router,
    keys.router,
    letters.router,
    reconciliation.router,
)


def create_node(
    institution: Institution,
    settings: MemberSettings,
    clock: Clock | None = None,
    ids: Ids | None = None,
    transport: Transport | None = None,
    db: Database | None = None,
) -> Node:
    """Return the node that the settings describe; nothing is opened yet."""
    clock, ids = clock or SystemClock(), ids or SystemIds()
    pii_keys = load_pii_keys(settings.pii_keys_file)
    db = db or Database(
        settings.database_url,
        pii_keys=pii_keys,
        pool_size=settings.database_pool,
        synchronous=settings.sqlite_synchronous,
    )
    identity = Identity(settings.id, settings.federation, load_keys(settings.key_dir))
    client = BrokerClient(identity, settings.broker_url, clock, ids, transport)
    match_key, next_match_key = read_keys(settings.match_key_file)
    return Node(
        institution=institution,
        settings=settings,
        db=db,
        clock=clock,
        ids=ids,
        identity=identity,
        match_key=match_key,
        next_match_key=next_match_key,
        pii_keys=pii_keys,
        client=client,
        disclosure=load_policy(settings.disclosure_file, kind_of(settings.id)),
        trust=Trust(db, client, clock, settings.id, settings.broker_thumbprint, settings.federation),
    )


def create_app(node: Node) -> FastAPI:
    """Return the app of a node."""
    app = new_app(
        title=f"Zwornik: {node.institution.title}",
        description=_DESCRIPTION,
        lifespan=_lifespan(node),
        clock=node.clock,
        ids=node.ids,
        metrics=node.metrics,
        readiness=_readiness(node),
        warnings=lambda: node.key_watch.warnings | node.match_key_warnings,
        routers=[*_ROUTERS, *node.institution.own_routers, *(record_router(kind) for kind in node.institution.kinds)],
        uploads=imports.UPLOADS,
    )
    app.state.node = node
    app.state.bearer = Bearer(
        issuer=node.settings.issuer or node.id,
        audience=node.id,
        keys=issuer_keys(node.settings.jwks_file, lambda: node.identity.keys),
        now=lambda: unix(node.now),
        roles={name: role.scopes for name, role in roles().items()},
    )
    app.add_exception_handler(Replayed, _replayed)
    return app


def _lifespan(node: Node) -> Lifespan:
    worker = Worker(node)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await start(node)
        if node.settings.worker:
            worker.start()
        else:
            worker.follow()
        yield
        node.bells.close()
        await worker.stop()
        await node.client.close()
        await node.db.close()

    return lifespan


def _readiness(node: Node) -> Readiness:
    async def readiness() -> Mapping[str, str]:
        database = await node.db.state()
        lanes = {name: lane.problem or "ok" for name, lane in node.lanes.items()}
        return {
            "database": database,
            "directory": "ok" if node.trust.directory else "none yet",
            "match_key": "ok" if is_in_step(node) else "match-key-mismatch",
            **lanes,
        }

    return readiness


async def _replayed(request: Request, error: Exception) -> Response:
    if not isinstance(error, Replayed):
        raise error
    headers = {"Idempotency-Replayed": "true"}
    return Response(error.body, error.status, headers=headers, media_type="application/json")
