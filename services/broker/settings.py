"""What the broker is told, by variables that begin with ``BROKER_``."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.domain.institutions import BROKER
from shared.runtime.settings import NodeSettings


class BrokerSettings(NodeSettings):
    """Settings of the broker."""

    model_config = SettingsConfigDict(env_prefix="BROKER_", extra="forbid", frozen=True, env_file=None)
    kinds = frozenset({BROKER})

    id: str = "broker"
    match_key_fingerprint: str = Field(
        pattern=r"^[0-9a-f]{16}$", description="Fingerprint of the match key, as the custodian printed it."
    )
    assess_interval_s: float = Field(default=60, ge=0, description="A case is assessed at most once in this time.")
    enrolment_days: int = Field(
        default=396, ge=30, le=3660, description="An enrolment that is not renewed lapses after 13 months."
    )
    key_overlap_days: int = Field(default=7, ge=0, le=90, description="How long a replaced key stays valid.")
    key_announce_hours: int = Field(
        default=24, ge=0, le=720, description="How long a new key of the broker is shown before it signs."
    )
    reconcile_wait_s: int = Field(
        default=7200, ge=60, le=86400, description="An institution that does not answer a reconciliation is named then."
    )
    sets_per_minute: int = Field(default=60_000, ge=500, description="SETs one institution may push in a minute.")
    sets_per_day: int = Field(default=5_000_000, ge=500, description="SETs one institution may push in a day.")
    bytes_per_minute: int = Field(
        default=128 << 20, ge=1 << 20, description="Bytes of SETs one institution may push in a minute."
    )
    bytes_per_day: int = Field(
        default=8 << 30, ge=1 << 20, description="Bytes of SETs one institution may push in a day."
    )
    reads_per_minute: int = Field(default=600, ge=1, description="Persons one institution may read in a minute.")
    reads_per_day: int = Field(default=20_000, ge=1, description="Persons one institution may read in a day.")
    worker: bool = Field(default=True, description="Run the worker beside the API in one process.")
