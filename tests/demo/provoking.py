"""Provoking problems: personal data in every path, query, body and header that a service has."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import httpx2

from tests.demo.leaks import Person
from tests.demo.running import client

ASKED = ("broker", "pup-2478", "ops-2478011")
"""One service of each kind is asked everything."""
BODIES = 2
"""So many bodies a word and operation, one after another from all there are."""

NOT_ASKED = ("/v1/exchange/begin-anew",)
"""What an official does after a restore takes no input to be provoked with, and does what it says."""

_HEADERS = ("X-Request-Id", "If-Match", "Zwornik-Proof", "Accept", "User-Agent", "Referer", "Cookie", "X-Forwarded-For")


@dataclass(frozen=True)
class Answered:
    """An answer of a service."""

    service: str
    asked: str
    status: int
    text: str
    headers: str


def provoke(endpoints: Mapping[str, Mapping[str, str]], people: Sequence[Person]) -> list[Answered]:
    """Ask services for what does not exist, in the names and numbers of people who do."""
    answers = []
    for service in ASKED:
        at_home = [person for person in people if service in (person["pup"], person["ops"])] or list(people)
        with client(dict(endpoints[service])) as calls:
            document = calls.get("/openapi.json").json()
            for number, request in enumerate(_requests(calls, document, at_home)):
                answer = calls.send(request)
                head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
                answers.append(Answered(service, f"{number} {request.method}", answer.status_code, answer.text, head))
    return answers


def keep_a_record(endpoint: Mapping[str, str], person: Person) -> None:
    """Record something for a person, with the PESEL as the Idempotency-Key and the surname in the note."""
    with client(dict(endpoint)) as calls:
        found = calls.post("/v1/clients/search", json={"pesel": person["pesel"]}).raise_for_status().json()
        form = {"client_id": found["id"], "code": "OPS-PSO", "from": "2026-09-01", "note": person["surname"]}
        headers = {"Idempotency-Key": person["pesel"], "X-Request-Id": person["pesel"]}
        answer = calls.post("/v1/support-forms/bulk", json={"items": [form]}, headers=headers).raise_for_status()
        assert answer.json()["taken"] == 1


def _requests(calls: httpx2.Client, document: Mapping[str, Any], people: Sequence[Person]) -> Iterator[httpx2.Request]:
    whose = cycle(people)
    bodies = cycle([body for person in people[:3] for body in _bodies(person)])
    asked = {path: operations for path, operations in document["paths"].items() if path not in NOT_ASKED}
    for path, operations in asked.items():
        for method in operations:
            yield from _of_operation(calls, method.upper(), path, next(whose), bodies)
    for person in people:
        yield from _odd_ones(calls, person)


def _of_operation(
    calls: httpx2.Client, method: str, path: str, person: Person, bodies: Iterator[bytes]
) -> Iterator[httpx2.Request]:
    pesel, surname = person["pesel"], person["surname"]
    for word in (pesel, surname, f"{pesel}-0000-7000-8000-000000000000"):
        at = re.sub(r"\{[^}]+\}", word, path)
        headers = _headers(word)
        yield calls.build_request(method, f"{at}?after={word}&limit={word}&{word}={word}", headers=headers)
        if method in ("POST", "PUT", "PATCH"):
            for body in islice(bodies, BODIES):
                yield calls.build_request(method, at, content=body, headers=headers | {"Content-Type": _JSON})


_JSON = "application/json"


def _headers(word: str) -> dict[str, bytes]:
    return dict.fromkeys((*_HEADERS, "Idempotency-Key"), word.encode())


def _bodies(person: Person) -> Iterator[bytes]:
    pesel, surname = person["pesel"], person["surname"]
    whole = {"pesel": pesel, "surname": surname, "given_names": person["given_names"], "case_number": pesel}
    proof = ".".join(_segment(dict.fromkeys(("typ", "alg", "kid", "iss", "aud", "htm", "target"), pesel)) * 2)
    for value in (
        whole | {"basis": "social_assistance_act"},
        whole | {"basis": pesel, surname: surname, pesel: pesel},
        {"items": [whole, {"client_id": pesel, "code": surname, "from": pesel}]},
        {"client_id": pesel, "code": surname, "from": surname, "until": pesel, "note": pesel},
        {"statement": f"{pesel}.{surname}.{pesel}", "thumbprint": pesel, "token": f"1.{pesel}", "iss": pesel},
        {"proof": f"{proof}.{pesel}", "method": "GET", "target": f"/v1/{pesel}", "body_base64": ""},
        {"proof": f"{proof}.c2ln", "method": "GET", "target": f"/{pesel}", "body_base64": b64encode(b"x").decode()},
        {"incarnation": pesel, "from": int(pesel), "sets": [pesel], "checkpoint": surname, "after": int(pesel)},
        [whole],
        pesel,
    ):
        yield json.dumps(value, ensure_ascii=False).encode()
    yield f'{{"pesel": "{pesel}", "surname": "{surname}'.encode()
    yield f'{{"pesel": "{pesel}", "surname": "{surname}"}}'.encode("cp1250", "replace")


def _segment(claims: Mapping[str, str]) -> list[str]:
    return [urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()]


def _odd_ones(calls: httpx2.Client, person: Person) -> Iterator[httpx2.Request]:
    pesel, surname = person["pesel"], person["surname"]
    for word in (pesel, surname):
        yield calls.build_request("GET", f"/{word}")
        yield calls.build_request("GET", f"/v1/{word}/{word}?{word}")
        yield calls.build_request("GET", "/v1/clients", headers={"Authorization": f"Bearer {word}".encode()})
        yield calls.build_request("GET", "/v1/lag", headers={"Authorization": f"{word} {word}".encode()})
        yield calls.build_request("POST", "/v1/clients", content=b"x", headers={"Content-Type": word.encode()})
    yield calls.build_request("DELETE", f"/v1/clients/{pesel}")
