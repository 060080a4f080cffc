"""The broker's composition root."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.broker.follower import Follower
from services.broker.node import Broker
from services.broker.operations import directory
from services.broker.routes import directory as directory_routes
from services.broker.routes import erasures, letters, limits, match_keys, operator, people, reconciliation, streams
from services.broker.routes.proven import Admits, ProofGate, SignedAnswers
from services.broker.settings import BrokerSettings
from services.broker.worker import Worker
from shared.exchange.identity import Identity
from shared.exchange.issuer import issuer_keys
from shared.exchange.keys import load_keys
from shared.runtime.app import Lifespan, Readiness, new_app
from shared.runtime.bearer import Bearer
from shared.runtime.clock import Clock, SystemClock, unix
from shared.runtime.database.engine import Database
from shared.runtime.ids import Ids, SystemIds

_DESCRIPTION = """Finds clients that labour offices and welfare centres share, by token alone; relays what they tell
each other; assesses the degressive benefit. Members call under a signed proof, the operator under a bearer token."""


def create_broker(
    settings: BrokerSettings, clock: Clock | None = None, ids: Ids | None = None, db: Database | None = None
) -> Broker:
    """Return the broker that the settings describe; nothing is opened yet."""
    db = db or Database(
        settings.database_url, pool_size=settings.database_pool, synchronous=settings.sqlite_synchronous
    )
    identity = Identity(settings.id, settings.federation, load_keys(settings.key_dir))
    return Broker(settings=settings, db=db, clock=clock or SystemClock(), ids=ids or SystemIds(), identity=identity)


def create_app(broker: Broker, *, gate: Admits | None = None, sign_answers: bool = True) -> FastAPI:
    """Return the app of a broker; only a benchmark gives a gate of its own or answers without a signature."""
    app = new_app(
        title="Zwornik: broker",
        description=_DESCRIPTION,
        lifespan=_lifespan(broker),
        clock=broker.clock,
        ids=broker.ids,
        metrics=broker.metrics,
        readiness=_readiness(broker),
        warnings=lambda: broker.key_watch.warnings | broker.untold,
        routers=(
            streams.router,
            limits.router,
            people.router,
            erasures.router,
            directory_routes.router,
            match_keys.router,
            operator.router,
            letters.router,
            reconciliation.router,
        ),
    )
    app.state.broker = broker
    app.state.gate = gate or ProofGate(broker)
    app.state.bearer = Bearer(
        issuer=broker.settings.issuer or broker.settings.id,
        audience=broker.settings.id,
        keys=issuer_keys(broker.settings.jwks_file, lambda: broker.identity.keys),
        now=lambda: unix(broker.now),
    )
    if sign_answers:
        app.add_middleware(SignedAnswers, broker=broker)
    return app


def _lifespan(broker: Broker) -> Lifespan:
    worker, follower = Worker(broker), Follower(broker)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await directory.open_up(broker)
        follower.start()
        if broker.settings.worker:
            worker.start()
        yield
        broker.bells.close()
        await worker.stop()
        await follower.stop()
        await broker.db.close()

    return lifespan


def _readiness(broker: Broker) -> Readiness:
    async def readiness() -> Mapping[str, str]:
        state = "ok" if broker.directory_token else "not published"
        lanes = {name: lane.problem or "ok" for name, lane in broker.lanes.items()}
        return {"database": await broker.db.state(), "directory": state, **lanes}

    return readiness


def app() -> FastAPI:
    """Return the app that the environment describes; a factory for any ASGI server."""
    return create_app(create_broker(BrokerSettings()))
