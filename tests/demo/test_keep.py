"""A demo that is kept running: where everything can be reached, until Ctrl-C."""

import pytest

from services.cli.demo.people.institutions import institutions
from tests.demo.conftest import Kept

pytestmark = pytest.mark.long
OFFICES = {one.id for one in institutions()}


def test_the_addresses_appear_once_all_is_loaded_and_at_rest(kept: Kept) -> None:
    assert kept.loaded
    assert kept.at_rest
    assert kept.mode == 0o600
    assert kept.endpoints.keys() == {"broker", *OFFICES}
    assert all(endpoint.keys() == {"url", "token", "openapi"} for endpoint in kept.endpoints.values())
    assert len({endpoint["url"] for endpoint in kept.endpoints.values()}) == 13


def test_every_address_stands_on_the_screen_with_its_token(kept: Kept) -> None:
    for name, endpoint in kept.endpoints.items():
        assert endpoint["url"] in kept.output
        assert endpoint["openapi"] in kept.output
        assert f"{name}: {endpoint['token']}\n" in kept.output


def test_every_service_describes_itself_and_is_ready(kept: Kept) -> None:
    for name, said in kept.said.items():
        assert said.openapi["openapi"].startswith("3.")
        assert set(said.readiness["checks"].values()) == {"ok"}, name
    assert "/v1/merged-views" in kept.said["broker"].openapi["paths"]
    assert "/v1/clients/{client_id}/merged-view" in kept.said["pup-2478"].openapi["paths"]


def test_a_token_opens_its_own_service_alone(kept: Kept) -> None:
    tokens = {name: (said.with_own_token, said.with_foreign_token) for name, said in kept.said.items()}
    assert tokens == dict.fromkeys(kept.endpoints, (200, 401))


def test_a_service_that_is_killed_is_started_anew(kept: Kept) -> None:
    assert kept.came_back


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head(kept: Kept) -> None:
    assert max(said.fastest_s for said in kept.said.values()) < 0.035


def test_a_second_demo_is_refused_in_one_line_and_harms_nothing(kept: Kept) -> None:
    status, said = kept.second
    assert (status, said) == (1, "zwornik: another demo runs in var/demo; stop it first\n")


def test_ctrl_c_ends_it_with_status_0_and_no_process_left(kept: Kept) -> None:
    assert kept.status == 0, kept.output
    assert kept.left == []
    assert not list(kept.folder.glob("*.pid"))
    assert not (kept.folder / "endpoints.json").exists()
    assert kept.output.splitlines()[-1] == "all processes have stopped"
    assert "Traceback" not in kept.output
