"""Files that machines read: locks, compose, settings, problems, the catalogue's types."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
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
from shared.runtime.settings import NodeSettings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS: dict[str, type[NodeSettings]] = {"broker": BrokerSettings, "pup": PupSettings, "ops": OpsSettings}


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
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    assert declared(groups["bench"]) <= locked("requirements-bench.lock")
    assert declared(project["optional-dependencies"]["fast"]) <= locked("requirements-dev.lock")
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert text.count("==") <= text.count("--hash=sha256:")


def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def compose_faults(document: Any) -> list[str]:
    schema = get_builtin_schema("vendor.compose-spec")
    return sorted(error.json_path for error in Draft202012Validator(schema).iter_errors(document))


def interpolated(value: str) -> str:
    """What Compose makes of a value once each required variable is written into .env."""
    given = {"POSTGRES_PASSWORD": "secret", "MATCH_KEY_FINGERPRINT": "0" * 16, "BROKER_THUMBPRINT": "A" * 43}
    return re.sub(r"\$\{([A-Z_]+):\?[^}]+\}", lambda match: given[match[1]], value)


def settings_from(environment: Mapping[str, str], program: str) -> NodeSettings:
    """The settings that a program reads from these variables and nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(tuple(f"{one.upper()}_" for one in SETTINGS))]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        return SETTINGS[program]()


def example(program: str) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of a program in .env.example: those that are set, and those that show their default."""
    text = (ROOT / ".env.example").read_text("utf-8")
    found = re.findall(rf"^(# )?({program.upper()}_[A-Z_]+)=(.*)$", text, re.MULTILINE)
    assert len({name for _, name, _ in found}) == len(found)
    return ({n: value for off, n, value in found if not off}, {n: value for off, n, value in found if off})


def known(program: str) -> set[str]:
    return {f"{program.upper()}_{name.upper()}" for name in SETTINGS[program].model_fields}


def required(program: str) -> set[str]:
    fields = SETTINGS[program].model_fields.items()
    return {f"{program.upper()}_{name.upper()}" for name, field in fields if field.is_required()}


def test_compose_fits_the_compose_schema() -> None:
    document = compose()
    assert compose_faults(document) == []
    assert document["services"].keys() == {"postgres", *SETTINGS}
    assert all("healthcheck" in service for service in document["services"].values())


def test_the_compose_schema_finds_faults() -> None:
    document = compose()
    document["services"]["pup"]["healtcheck"] = {}
    document["services"]["postgres"]["environment"] = 5
    faults = compose_faults(document)
    assert {fault.split(".")[2] for fault in faults} == {"postgres", "pup"}


@pytest.mark.parametrize("program", SETTINGS)
def test_compose_gives_each_service_what_it_requires_and_nothing_unknown(program: str) -> None:
    environment = compose()["services"][program]["environment"]
    assert required(program) <= environment.keys() <= known(program)
    settings = settings_from({name: interpolated(value) for name, value in environment.items()}, program)
    assert settings.database_url.startswith("postgresql://")
    assert f":{settings.port}/" in " ".join(compose()["services"][program]["healthcheck"]["test"])
    assert f"127.0.0.1:{settings.port}:{settings.port}" in compose()["services"]["broker"]["ports"]


def test_compose_lets_its_services_find_each_other() -> None:
    services = compose()["services"]
    broker = services["broker"]["environment"]
    databases = (ROOT / "docs" / "compose-databases.sql").read_text("utf-8")
    for program in ("pup", "ops"):
        environment = services[program]["environment"]
        assert environment[f"{program.upper()}_BROKER_URL"] == f"http://127.0.0.1:{broker['BROKER_PORT']}"
        assert services[program]["network_mode"] == "service:broker"
    for program in SETTINGS:
        name = services[program]["environment"][f"{program.upper()}_DATABASE_URL"].rpartition("/")[2]
        assert f"CREATE DATABASE {name};" in databases
        migrate, serve = services[program]["command"][2].split(" && ")
        assert migrate == f"python -m services.cli migrate {program}"
        assert serve == f"exec python -m services.cli serve {program}"


@pytest.mark.parametrize("program", SETTINGS)
def test_the_example_shows_every_variable_and_sets_each_that_is_required(program: str) -> None:
    given, shown = example(program)
    assert given.keys() | shown.keys() == known(program)
    assert required(program) <= given.keys()
    assert settings_from(given, program).federation == "pl-pilot"


@pytest.mark.parametrize("program", SETTINGS)
def test_what_is_commented_out_in_the_example_is_the_default(program: str) -> None:
    given, shown = example(program)
    unset = {f"{program.upper()}_{name}" for name in ("ISSUER", "JWKS_FILE")}
    unset |= set() if program == "broker" else {f"{program.upper()}_DISCLOSURE_FILE"}
    assert unset <= shown.keys()
    defaults = {name: value for name, value in shown.items() if name not in unset}
    assert settings_from(given | defaults, program) == settings_from(given, program)


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
        assert kind.relation in ("none", "enrolled", "member", "programme", "run")
        assert kind.change in ("", "put", "drop")
        assert bool(kind.record) == bool(kind.change)
