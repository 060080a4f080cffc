"""What somebody sends never writes a line of a log of its own, and never commands the terminal that shows it."""

import json
from io import StringIO

import pytest
import structlog

from tests.builders import Federation

ODD = {
    "a line break": 'x\r\n{"event": "forged"}',
    "a form feed": "x\x0c\x0bforged",
    "a command to the terminal": "\x1b[2J\x1b]0;forged\x07",
    "a command in one sign": "\x9b2J",
    "a line break of Unicode": "x\u2028forged\u2029\x85forged",
    "text from right to left": "\u202egnp.exe\u2066",
    "a sign without width": "ad\u200bmin\ufeff",
    "a delete": "x\x7f",
    "a null": "x\x00",
    "half a surrogate pair": "x\ud800",
    "a private sign beyond the first plane": "\U000f0000",
}


def lines(logs: StringIO) -> list[str]:
    return logs.getvalue().removesuffix("\n").split("\n")


@pytest.mark.parametrize("what", ODD)
def test_a_line_of_the_log_is_one_line_of_printable_signs(what: str, logs: StringIO) -> None:
    structlog.get_logger().warning(f"found {ODD[what]}", given=ODD[what], deep=[{ODD[what]: 1}])
    [line] = lines(logs)
    assert line.isprintable()
    assert line.splitlines() == [line]
    said = json.loads(line)
    assert said["given"] == ODD[what], "nothing is lost"
    assert said["level"] == "warning"
    logs.getvalue().encode()


def test_polish_letters_stay_readable(logs: StringIO) -> None:
    structlog.get_logger().warning("zażółć gęślą jaźń")
    assert "zażółć gęślą jaźń" in logs.getvalue()


async def test_nothing_that_a_caller_sends_reaches_the_log_or_the_metrics(
    federation: Federation, logs: StringIO
) -> None:
    """Paths, queries, headers, names of members, ids: the log tells routes, statuses and times."""
    pup = await federation.join("pup-2478")
    client = await pup.enrol(1)
    logs.truncate(0)
    logs.seek(0)
    for text in ODD.values():
        odd = f"FORGED{text}"
        header = odd.encode("utf-8", "surrogatepass").replace(b"\r\n", b" ")
        headers = {b"user-agent": header, b"x-request-id": header, b"zwornik-case": header, b"idempotency-key": header}
        body = json.dumps({"pesel": odd, odd: odd, "surname": odd}).encode()
        headers[b"content-type"] = b"application/json"
        for http in (pup.http, federation.operator):
            path = "/v1/clients/" + "".join(f"%{byte:02x}" for byte in header)
            await http.request("GET", path, headers=list(headers.items()))
            await http.request("POST", "/v1/clients", content=body, headers=list(headers.items()))
            await http.request("POST", f"/v1/clients/{client}/support-forms?x=FORGED", content=body)
    written = lines(logs)
    assert len(written) == len(ODD) * 6
    assert "FORGED" not in logs.getvalue()
    assert all(line.isprintable() and json.loads(line)["event"] == "request" for line in written)
    for http in (pup.http, federation.operator):
        assert "FORGED" not in (await http.get("/metrics")).text


async def test_no_answer_carries_a_header_that_a_caller_wrote(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    for given in (b"x\r\nset-cookie: a=b", b"0198c6a0-0000-7000-8000-000000000000\r\nx: y", b"\x1b[2J"):
        headers = [(b"x-request-id", given), (b"if-none-match", given), (b"idempotency-key", given)]
        for path in ("/v1/clients", "/v1/problems/x", "/nothing"):
            answer = await pup.http.get(path, headers=headers)
            assert answer.status_code < 500
            assert "set-cookie" not in answer.headers
            assert all(value.isprintable() and "\x1b" not in value for value in answer.headers.values())
