"""Commands that call a service: what cannot be called, or cannot be sent, is one line and never a traceback."""

import pytest

from tests.cli.command import process, zwornik

SAFE, TOKEN = "http://127.0.0.1:1", "a.b.c"


@pytest.mark.parametrize("command", [("purge",), ("reconcile",), ("institutions", "list")], ids=" ".join)
@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("ftp://office.example", TOKEN, "a peer is reached by https"),
        ("http://[", TOKEN, "this is no URL"),
        (SAFE + "99999", TOKEN, "this is no URL"),
        (SAFE, "żeton", "letters that no token has"),
        (SAFE, "a\nb", "letters that no token has"),
        (SAFE, TOKEN, "cannot be reached"),
    ],
)
def test_what_cannot_be_called_is_said_in_one_line(command: tuple[str, ...], url: str, token: str, said: str) -> None:
    where = {"ZWORNIK_URL": url, "ZWORNIK_BROKER_URL": url, "ZWORNIK_TOKEN": token}
    complaint = zwornik(*command, env=where).complaint
    assert said in complaint
    assert token not in complaint


def test_the_command_calls_itself_by_the_name_that_the_guides_use() -> None:
    assert process("purge", "--help").out.lstrip().startswith("Usage: zwornik purge")
