"""The three programs by name: their settings, how they are composed and served."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.cli.plain import plain
from shared.domain.institutions import OfficeProgram
from shared.runtime.settings import MemberSettings, NodeSettings

if TYPE_CHECKING:
    from shared.institution.node import Node

Program = Literal["broker", OfficeProgram]
Office = Annotated[OfficeProgram, typer.Argument(help="pup or ops, configured by its environment.")]


class Mendable(Exception):
    """Something that the person at the keyboard can mend; the text says how."""


@dataclass(frozen=True, slots=True)
class Running:
    """A composed service: its app, and what to call when it is told to stop."""

    app: FastAPI
    on_exit: Callable[[], None]


def settings_of(program: Program) -> NodeSettings:
    """Return the settings of a program from the environment.

    :raises Mendable: a variable is missing or wrong; the text names each.
    """
    try:
        return settings_class(program)()
    except (ValidationError, SettingsError) as failure:
        raise Mendable(said(program, failure)) from None


def office_settings_of(office: OfficeProgram) -> MemberSettings:
    """Return the settings of an office from the environment.

    :raises Mendable: a variable is missing or wrong; the text names each.
    """
    settings = settings_of(office)
    assert isinstance(settings, MemberSettings)  # noqa: S101  # settings_class gave it
    return settings


def settings_class(program: Program) -> type[NodeSettings]:
    """Return the settings class of a program; only the program that is asked for is imported."""
    if program == "broker":
        from services.broker.settings import BrokerSettings

        return BrokerSettings
    if program == "pup":
        from services.pup_api.main import PupSettings

        return PupSettings
    from services.ops_api.main import OpsSettings

    return OpsSettings


def compose(program: Program, settings: NodeSettings) -> Running:
    """Return the service that settings describe.

    :raises Mendable: there is no signing key, or the broker would be reached without TLS.
    """
    try:
        return _compose(program, settings)
    except ValueError as failure:
        raise Mendable(str(failure)) from None


def _compose(program: Program, settings: NodeSettings) -> Running:
    if program == "broker":
        from services.broker.main import create_app as create_broker_app
        from services.broker.main import create_broker
        from services.broker.settings import BrokerSettings

        assert isinstance(settings, BrokerSettings)  # noqa: S101  # settings_class gave it
        broker = create_broker(settings)
        return Running(create_broker_app(broker), broker.bells.close)
    from shared.institution.app import create_app

    assert isinstance(settings, MemberSettings)  # noqa: S101
    node = node_of(program, settings)
    return Running(create_app(node), node.bells.close)


def node_of(program: OfficeProgram, settings: MemberSettings) -> "Node":
    """Return the node of an office that settings describe; nothing is opened yet."""
    from shared.institution.app import create_node

    if program == "pup":
        from services.pup_api.main import PUP

        return create_node(PUP, settings)
    from services.ops_api.main import OPS

    return create_node(OPS, settings)


def said(program: Program, failure: ValidationError | SettingsError) -> str:
    """Return what is wrong with settings, a line each, without the values."""
    if isinstance(failure, SettingsError):
        return str(failure)
    prefix = f"{program.upper()}_"
    lines = [f"  {prefix}{'.'.join(map(str, item['loc'])).upper()}: {plain(item['msg'])}" for item in failure.errors()]
    return "\n".join([f"the settings of the {program} do not hold:", *lines, "See .env.example."])
