"""What members send to the broker as JSON."""

from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """A body of the wire: each value is of its own type, and members that are not known are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)
