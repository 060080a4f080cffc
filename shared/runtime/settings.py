"""Settings of a node: from its environment under its own prefix, passed and never imported."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from shared.domain.desks import desks_of
from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER, KINDS, kind_of


class NodeSettings(BaseSettings):
    """What every node is told; secrets come as paths of files of mode 0600."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_file=None, str_strip_whitespace=True)
    kinds: ClassVar[frozenset[str]] = frozenset({BROKER, *KINDS})
    """Kinds of nodes that the program serves."""

    id: str = Field(description="The node's id: broker, pup-2478, ops-2478011, …")
    federation: str = Field(default="pl-pilot", pattern=r"^[a-z0-9-]{1,40}$", description="The federation's id.")
    database_url: str = Field(description="sqlite:///path or postgresql://user:password@host/name.")
    database_pool: int = Field(default=5, ge=1, le=100, description="Connections to PostgreSQL kept open.")
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL", description="FULL survives a power cut; NORMAL only a crash of the process."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    connections: int = Field(default=8192, ge=16, le=65_536, description="Connections that are taken at once.")
    connections_per_peer: int = Field(
        default=1024, ge=4, le=65_536, description="Of them from one address; behind a proxy all come from one."
    )
    base_path: str = Field(
        default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="Public path before /v1, where a proxy adds one."
    )
    key_dir: Path = Field(description="Folder of the node's signing keys, one PEM file of mode 0600 each.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="What is logged.")
    issuer: str | None = Field(default=None, description="Issuer of bearer tokens; the node itself where unset.")
    jwks_file: Path | None = Field(default=None, validate_default=True, description="The issuer's keys as a JWKS file.")

    @field_validator("id")
    @classmethod
    def _id_is_known(cls, value: str) -> str:
        try:
            kind = kind_of(value)
        except DomainError as failure:
            raise ValueError(f"{failure.detail} ({failure.expected})") from None
        if kind not in cls.kinds:
            raise ValueError(f"This program serves {' or '.join(sorted(cls.kinds))}, and this is the id of a {kind}.")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        return database_url(value)

    @field_validator("jwks_file")
    @classmethod
    def _issuer_has_keys(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None and info.data.get("issuer"):
            raise ValueError("It is needed where an issuer is named: tokens are checked with its keys.")
        return value


def database_url(text: str) -> str:
    """Return the URL of a database if we speak to it.

    :raises ValueError: it is none of SQLite or PostgreSQL; the text does not repeat it, for it may hold a password.
    """
    try:
        backend = make_url(text).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("A database is sqlite:///path or postgresql://user:password@host/name.")
    return text


class MemberSettings(NodeSettings):
    """What an institution is told besides."""

    broker_url: str = Field(description="The broker's public URL: https, or http on loopback alone.")
    broker_thumbprint: str = Field(
        pattern=r"^[A-Za-z0-9_-]{43}$", description="Thumbprint of the broker's key, compared by another channel."
    )
    match_key_file: Path = Field(description="The match key, a file of mode 0600 from the custodian.")
    pii_keys_file: Path = Field(description="Keys for personal data at rest, a file of mode 0600.")
    disclosure_file: Path | None = Field(
        default=None, description="What of the catalogue leaves this office no more, or by its group alone; a CSV file."
    )
    name: str = Field(default="", max_length=200, description="The institution's name.")
    contact: str = Field(default="", max_length=200, description="Technical contact, shown in the directory.")
    desks: str = Field(
        default="", description="Desks for other offices: code, telephone, e-mail; parted by semicolons."
    )
    area: str = Field(default="", description="TERC codes of the gminas served, parted by spaces.")
    renew_days: int = Field(
        default=365, ge=1, le=3650, description="Enrolments are renewed once a year; they lapse after 13 months."
    )
    synthetic_people: bool = Field(
        default=False, description="Demo and tests alone: people with PESELs of the 2200s are born 300 years earlier."
    )
    import_maps: Path = Field(
        default=Path("import-maps"), description="Folder of the office's own column maps, NAME.yaml each."
    )
    import_keep_days: int = Field(
        default=14, ge=1, le=365, description="How long reports and rejected lines of an import are kept."
    )
    purge: Literal["off", "show", "erase"] = Field(
        default="show", description="Each day, what is over its term of keeping is shown in the log, or erased too."
    )
    worker: bool = Field(default=True, description="Run the worker beside the API in one process.")

    @field_validator("desks")
    @classmethod
    def _desks_are_known(cls, value: str) -> str:
        try:
            desks_of(value)
        except DomainError as failure:
            raise ValueError(f"{failure.detail} ({failure.expected})") from None
        return value
