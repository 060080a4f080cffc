"""Caseworkers at their desks: an office's API over TCP, called with a token that has a role and nothing else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import uvicorn

from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from tests.builders import Federation, Office


@asynccontextmanager
async def at_a_desk(federation: Federation, office: Office, role: str = "caseworker") -> AsyncIterator[Office]:
    """Serve an office on a port of this machine, and return it as an official of a role calls it."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(office.app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    key = office.node.identity.keys[0]
    token = issue_token(
        (key.kid, key.private),
        issuer=office.id,
        subject=f"{role}-17",
        scopes=[],
        role=role,
        iat=unix(federation.clock.now()),
        ttl_s=365 * 86400,
    )
    headers = {"Authorization": f"Bearer {token}"}
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=60) as http:
            yield Office(office.node, office.app, http)
    finally:
        server.should_exit = True
        await serving
        listening.close()
