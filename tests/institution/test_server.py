"""A server over a socket that it was given, as the demo and a supervisor give one."""

import socket

import pytest
from fastapi import FastAPI

from shared.runtime.server import Server, serve


def test_answers_over_a_socket_that_was_given_do_not_wait_for_acknowledgements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "run", lambda server, sockets: None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serve(FastAPI(), host="127.0.0.1", port=0, on_exit=lambda: None, sockets=[listening])
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
