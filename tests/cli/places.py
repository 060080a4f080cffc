"""An institution's or the broker's configuration as an operator would make it, by the commands themselves."""

from pathlib import Path

from tests.cli.command import zwornik
from tests.cli.serving import free_port

THUMBPRINT = "A" * 43
BROKER_URL = "http://127.0.0.1:1"
"""Nothing listens there."""


def member(folder: Path, program: str = "pup", office: str = "pup-2478") -> dict[str, str]:
    """Make what an institution needs in a folder, and return its environment."""
    prefix = program.upper()
    for command in (("keys", "generate", folder / "keys"), ("pii-keys", "generate", folder / "pii.json")):
        assert zwornik(*command).status == 0
    if not (folder.parent / "match-key.json").exists():
        assert zwornik("match-key", "generate", folder.parent / "match-key.json").status == 0
    assert zwornik("match-key", "import", folder.parent / "match-key.json", folder / "match-key.json").status == 0
    env = {
        f"{prefix}_ID": office,
        f"{prefix}_DATABASE_URL": f"sqlite:///{folder / 'node.sqlite3'}",
        f"{prefix}_KEY_DIR": str(folder / "keys"),
        f"{prefix}_BROKER_URL": BROKER_URL,
        f"{prefix}_BROKER_THUMBPRINT": THUMBPRINT,
        f"{prefix}_MATCH_KEY_FILE": str(folder / "match-key.json"),
        f"{prefix}_PII_KEYS_FILE": str(folder / "pii.json"),
        f"{prefix}_AREA": "2478011",
        f"{prefix}_PORT": str(free_port()),
    }
    assert zwornik("migrate", program, env=env).status == 0
    return env


def broker(folder: Path) -> dict[str, str]:
    """Make what the broker needs in a folder, and return its environment; the custodian's key lies beside it."""
    assert zwornik("keys", "generate", folder / "keys").status == 0
    if not (folder.parent / "match-key.json").exists():
        assert zwornik("match-key", "generate", folder.parent / "match-key.json").status == 0
    env = {
        "BROKER_DATABASE_URL": f"sqlite:///{folder / 'node.sqlite3'}",
        "BROKER_KEY_DIR": str(folder / "keys"),
        "BROKER_MATCH_KEY_FINGERPRINT": zwornik(
            "match-key", "fingerprint", folder.parent / "match-key.json"
        ).out.strip(),
        "BROKER_PORT": str(free_port()),
    }
    assert zwornik("migrate", "broker", env=env).status == 0
    return env


def at_broker(folder: Path, env: dict[str, str], program: str = "pup") -> dict[str, str]:
    """Return what an institution is told so that it calls the broker whose folder and environment these are."""
    prefix = program.upper()
    thumbprint = zwornik("keys", "show", folder / "keys").out.strip()
    return {f"{prefix}_BROKER_URL": f"http://127.0.0.1:{env['BROKER_PORT']}", f"{prefix}_BROKER_THUMBPRINT": thumbprint}


def operator(env: dict[str, str]) -> dict[str, str]:
    """Return the environment in which the operator of a broker gives commands."""
    token = zwornik("token", "broker", "--subject", "operator", "--all-scopes", env=env).out.strip()
    return {"ZWORNIK_BROKER_URL": f"http://127.0.0.1:{env['BROKER_PORT']}", "ZWORNIK_TOKEN": token}
