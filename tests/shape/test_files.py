"""Files that machines read: locks, compose, settings, problems, the catalogue's types."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft202012Validator

from services.broker.settings import BrokerSettings
from services.ops_api.main import OpsSettings
from services.pup_api.main import PupSettings
from shared.domain import catalogue
from shared.domain.errors import DomainError
from shared.domain.events.types import event_types
from shared.domain.institutions import BROKER, KINDS
from shared.runtime.problems.catalogue import problem_types

ROOT = Path(__file__).resolve().parents[2]


def locked(name: str) -> set[str]:
    text = (ROOT / name).read_text("utf-8")
    return {match[1].lower() for match in re.finditer(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[; ]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


def test_every_dependency_is_locked_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert declared(project["dependencies"]) <= locked("requirements.lock")
    assert declared(project["optional-dependencies"]["dev"]) | locked("requirements.lock") <= locked(
        "requirements-dev.lock"
    )
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert text.count("==") <= text.count("--hash=sha256:")


def test_compose_fits_the_compose_schema() -> None:
    compose: Any = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    schema = get_builtin_schema("vendor.compose-spec")
    assert not sorted(Draft202012Validator(schema).iter_errors(compose), key=str)
    assert {"postgres", "broker", "pup", "ops"} <= compose["services"].keys()
    assert all("healthcheck" in service for name, service in compose["services"].items() if name != "migrate")


def test_every_variable_of_compose_and_of_the_example_is_a_setting() -> None:
    known = {
        prefix + name.upper()
        for prefix, settings in (("BROKER_", BrokerSettings), ("PUP_", PupSettings), ("OPS_", OpsSettings))
        for name in settings.model_fields
    }
    example = (ROOT / ".env.example").read_text("utf-8")
    used = set(re.findall(r"^#? ?((?:BROKER|PUP|OPS)_[A-Z_]+)=", example, re.MULTILINE))
    compose: Any = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    services = [compose["services"][name] for name in ("broker", "pup", "ops")]
    assert used == known
    assert {name for service in services for name in service["environment"]} <= known


def test_every_error_has_a_problem_of_the_list() -> None:
    pending, seen = list(DomainError.__subclasses__()), set()
    while pending:
        error = pending.pop()
        pending += error.__subclasses__()
        name = vars(error).get("problem", getattr(error, "problem", None))
        if isinstance(name, str):
            seen.add(name)
            assert name in problem_types(), f"{error.__name__}: {name}"
    assert "stream-gap" in seen


def test_the_files_of_the_catalogue_and_of_permissions_hold_what_their_types_say() -> None:
    for form in catalogue.forms().values():
        assert form.effect in get_args(catalogue.Effect)
        assert form.discloses in get_args(catalogue.Disclosure)
        assert form.owners <= set(KINDS)
    for kind in event_types().values():
        assert kind.issuers <= {*KINDS, BROKER}
        assert kind.goes_to in ("broker", "shared", "members")
        assert kind.relation in ("none", "enrolled", "member", "programme")
        assert kind.change in ("", "put", "drop")
        assert bool(kind.record) == bool(kind.change)
