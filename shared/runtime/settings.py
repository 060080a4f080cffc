"""Settings of a node: from its environment under its own prefix, passed and never imported."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.domain.errors import DomainError
from shared.domain.institutions import kind_of


class NodeSettings(BaseSettings):
    """What every node is told; secrets come as paths of files of mode 0600."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_file=None, str_strip_whitespace=True)

    id: str = Field(description="The node's id: broker, pup-2478, ops-2478011, …")
    federation: str = Field(default="pl-pilot", pattern=r"^[a-z0-9-]{1,40}$", description="The federation's id.")
    database_url: str = Field(description="sqlite:///path or postgresql://user:password@host/name.")
    database_pool: int = Field(default=5, ge=1, le=100, description="Connections to PostgreSQL kept open.")
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL", description="FULL survives a power cut; NORMAL only a crash of the process."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    base_path: str = Field(
        default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="Public path before /v1, where a proxy adds one."
    )
    key_dir: Path = Field(description="Folder of the node's signing keys, one PEM file of mode 0600 each.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="What is logged.")
    issuer: str | None = Field(default=None, description="Issuer of bearer tokens; the node itself where unset.")
    jwks_file: Path | None = Field(default=None, description="The issuer's keys as a JWKS file.")

    @field_validator("id")
    @classmethod
    def _id_is_known(cls, value: str) -> str:
        try:
            kind_of(value)
        except DomainError as failure:
            raise ValueError(f"{failure.detail} ({failure.expected})") from None
        return value

    @model_validator(mode="after")
    def _an_issuer_has_keys(self) -> Self:
        if self.issuer is not None and self.jwks_file is None:
            raise ValueError("an issuer of its own needs JWKS_FILE, the file of that issuer's keys")
        return self


class MemberSettings(NodeSettings):
    """What an institution is told besides."""

    broker_url: str = Field(description="The broker's public URL: https, or http on loopback alone.")
    broker_thumbprint: str = Field(
        pattern=r"^[A-Za-z0-9_-]{43}$", description="Thumbprint of the broker's key, compared by another channel."
    )
    match_key_file: Path = Field(description="The match key, a file of mode 0600 from the custodian.")
    pii_keys_file: Path = Field(description="Keys for personal data at rest, a file of mode 0600.")
    name: str = Field(default="", max_length=200, description="The institution's name.")
    contact: str = Field(default="", max_length=200, description="Technical contact, shown in the directory.")
    area: str = Field(default="", description="TERC codes of the gminas served, parted by spaces.")
    renew_days: int = Field(
        default=365, ge=1, le=3650, description="Enrolments are renewed once a year; they lapse after 13 months."
    )
    synthetic_people: bool = Field(
        default=False, description="Demo and tests alone: people with PESELs of the 2200s are born 300 years earlier."
    )
    worker: bool = Field(default=True, description="Run the worker beside the API in one process.")
