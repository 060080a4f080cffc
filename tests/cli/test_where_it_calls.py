"""Commands that call a service: what cannot be called, or cannot be sent, is one line and never a traceback."""

import socket
from threading import Thread

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


@pytest.mark.parametrize("command", [("purge",), ("reconcile",), ("institutions", "list")], ids=" ".join)
def test_a_service_that_is_not_there_is_named_with_what_to_check(command: tuple[str, ...]) -> None:
    where = {"ZWORNIK_URL": SAFE, "ZWORNIK_BROKER_URL": SAFE, "ZWORNIK_TOKEN": TOKEN}
    said = zwornik(*command, env=where).complaint
    assert f"cannot be reached at {SAFE}: nothing takes connections there. Look whether it runs" in said
    assert "Error" not in said


@pytest.mark.parametrize(
    ("scheme", "host", "why"),
    [
        ("http", "127.0.0.1", "the connection broke before the answer was there"),
        ("https", "127.0.0.1", "it does not speak TLS as it should"),
        ("https", "office.invalid", "its name is not known"),
    ],
)
def test_why_a_service_did_not_answer_is_said_in_words(scheme: str, host: str, why: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def hang_up() -> None:
            server.settimeout(20)
            connection, _ = server.accept()
            connection.recv(1)
            connection.sendall(b"no such thing")
            connection.close()

        other = Thread(target=hang_up)
        if host == "127.0.0.1":
            other.start()
        url = f"{scheme}://{host}:{port}"
        said = zwornik("purge", env={"ZWORNIK_URL": url, "ZWORNIK_TOKEN": TOKEN}).complaint
        if host == "127.0.0.1":
            other.join()
    assert f"the service cannot be reached at {url}: {why}. " in said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("serve", "xyz"), "'xyz' is not one of 'broker', 'pup', 'ops'."),
        (("conform", "--as", "office", SAFE), "'office' is not one of 'institution', 'broker'."),
        (("keys", "rotate", "nobody"), "'nobody' is not one of 'broker', 'pup', 'ops'."),
        (("demo", "--people", "many"), "it should be a valid integer"),
    ],
)
def test_a_wrong_choice_is_said_in_plain_words(command: tuple[str, ...], says: str) -> None:
    said = zwornik(*command)
    assert (said.status, said.out) == (2, "")
    assert said.err.rstrip().endswith(says)
    assert "Value error" not in said.err
    assert "Input" not in said.err
