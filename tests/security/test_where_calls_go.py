"""Calls go to the peers that a node is configured with and nowhere else, however somebody names another place."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.broker.settings import BrokerSettings
from services.ops_api.main import OpsSettings
from services.pup_api.main import PupSettings
from shared.exchange.client.broker import BrokerClient, InsecureUrl, Unreachable, require_secure
from shared.exchange.client.local import Answered, LocalClient
from shared.exchange.identity import Identity
from tests.builders import FEDERATION, FixedClock, SeededIds
from tests.exchange.builders import KEYS, PUP, directory

INSECURE = [
    "http://broker.example.invalid",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1",
    "http://127.0.0.1@evil.example.invalid",
    "http://127.0.0.1:80@evil.example.invalid",
    "https://user:secret@broker.example.invalid",
    "http://127.0.0.1\\@evil.example.invalid",
    "http://localhost.evil.example.invalid",
    "http://127.0.0.1.evil.example.invalid",
    "http://2130706433",
    "http://0.0.0.0",
    "http://[::ffff:10.0.0.1]",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "gopher://127.0.0.1",
    "//broker.example.invalid",
    "broker.example.invalid",
    "https://",
    "",
]


def broker_client(url: str, transport: httpx2.AsyncBaseTransport | None = None) -> BrokerClient:
    identity = Identity(PUP, FEDERATION, [KEYS[PUP]])
    return BrokerClient(identity, url, FixedClock(), SeededIds("x"), transport, directory())


@pytest.mark.parametrize("url", INSECURE)
def test_neither_a_proof_nor_a_token_is_sent_over_the_network_in_the_clear(url: str) -> None:
    for make in (require_secure, broker_client, lambda to: LocalClient(to, "a.b.c")):
        with pytest.raises(InsecureUrl) as refused:
            make(url)
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["https://broker.example.invalid", "https://x.example:8443/zwornik", "http://127.0.0.1:8000", "http://[::1]:1"],
)
def test_https_and_this_very_machine_are_taken(url: str) -> None:
    assert require_secure(url).hostname


class Redirecting(httpx2.AsyncBaseTransport):
    """Answers every call with a way to elsewhere, and notes where calls went."""

    def __init__(self, status: int) -> None:
        self.status, self.asked = status, list[str]()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        return httpx2.Response(self.status, headers={"Location": "http://169.254.169.254/latest/meta-data"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_by_whoever_calls(status: int) -> None:
    wire = Redirecting(status)
    client = broker_client("https://broker.example.invalid", wire)
    with pytest.raises(Unreachable):
        await client.call("POST", "/v1/merged-views", {"token": "x"})
    assert (await client.fetch("/v1/directory"))[0] == status
    await client.close()
    async with LocalClient("https://pup.example.invalid", "a.b.c", transport=wire) as local:
        assert await local.call("GET", "/v1/clients") == ""
        wire.status = 403
        with pytest.raises(Answered):
            await local.call("GET", "/v1/clients")
    assert {httpx2.URL(url).host for url in wire.asked} == {"broker.example.invalid", "pup.example.invalid"}


@pytest.mark.parametrize("settings", [BrokerSettings, PupSettings, OpsSettings])
def test_no_key_is_fetched_from_a_url_and_the_broker_is_the_only_peer_that_settings_name(settings: Any) -> None:
    names = {name for name in settings.model_fields if "url" in name or "jwks" in name}
    assert names <= {"database_url", "broker_url", "jwks_file"}
    assert Path in settings.model_fields["jwks_file"].annotation.__args__
