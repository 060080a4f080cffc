"""Write the vectors anew: ``python -m tests.vectors.generate``. The same code always writes the same bytes."""

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from shared.domain.events import schema
from shared.domain.events.payloads.people import Enrolled
from shared.domain.events.types import event_type
from shared.domain.pesel import MalformedPesel, Pesel, check_digit
from shared.domain.token import MatchKey, folded_surname
from shared.exchange import jose
from shared.exchange.directory import DIRECTORY_TYPE, KEY_TYPE, Directory, Member, directory_hash, sign_key_statement
from shared.exchange.keys import SigningKey
from shared.exchange.match_keys import MatchKeys, NextMatchKey
from shared.exchange.member_keys import MemberKey
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.request import REQUEST_TYPE, Call, sign_request
from shared.exchange.proofs.response import RESPONSE_TYPE, sign_response
from shared.exchange.registration import REGISTRATION_TYPE, Registration, sign_registration
from shared.exchange.sets import SET_TYPE, Draft, SignedSet, sign_set
from shared.exchange.stream.chain import chain_next, chain_start
from shared.exchange.stream.checkpoint import CHECKPOINT_TYPE, RECEIPT_TYPE, Mark, sign_checkpoint, sign_receipt

Vector = dict[str, Any]

FOLDER = Path(__file__).parent
FEDERATION = "pl-vectors"
NOW = 1_790_000_000
PUP, OPS, BROKER = "pup-2478", "ops-2478011", "broker"
KEYS = {seed: SigningKey.from_seed(seed.encode()) for seed in (PUP, OPS, BROKER)}
MATCH_KEY = MatchKey(epoch=1, secret=bytes(range(32)))
NEXT_MATCH_KEY = MatchKey(epoch=2, secret=bytes(range(32, 64)))
PERSON = "44651401357"
TOKEN = MATCH_KEY.token(Pesel(PERSON))
INCARNATION = "5f" * 16


def files() -> dict[str, str]:
    """Return the text of every file by its name."""
    parts = {
        "keys": keys(),
        "person": person(),
        "digest": digests(),
        "proof": proofs(),
        "set": {"federation": FEDERATION, "sets": sets()},
        "stream": stream(),
        "directory": directory(),
        "match-keys": match_keys(),
    }
    return {f"{name}.json": json.dumps(part, ensure_ascii=False, indent=2) + "\n" for name, part in parts.items()}


def keys() -> Vector:
    """Return signing keys: ``d`` = SHA-512("zwornik/test-key|" seed) mod (n - 1) + 1; never for real work."""
    return {
        "order_n": "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "keys": [
            {
                "seed": seed,
                "d": f"{key.private.private_numbers().private_value:064x}",
                "jwk": key.public.jwk() | {"kid": key.kid},
                "thumbprint_input": _spelled(key.public.jwk()),
                "thumbprint": key.kid,
            }
            for seed, key in KEYS.items()
        ],
    }


def person() -> Vector:
    """Return fingerprints, tokens and checks under two epochs of the match key."""
    match_keys = (MATCH_KEY, NEXT_MATCH_KEY)
    surnames = (
        "Nowak",
        "nowak",
        "Wiśniewska-Bąk",
        "Bąk  Wiśniewska",
        unicodedata.normalize("NFD", "Wiśniewska-Bąk"),
        "Zażółć Gęślą Jaźń",
        "ŁĘCKI",
        "Großmann",
        "İbrahimoğlu",
        "O'Connor",
    )
    pesels = (PERSON, *(first + check_digit(first) for first in ("0061010000", "9972311234", "0462299999")))
    return {
        "match_keys": [
            {"epoch": key.epoch, "secret": key.secret.hex(), "fingerprint": key.fingerprint} for key in match_keys
        ],
        "tokens": [
            {
                "epoch": key.epoch,
                "pesel": pesel,
                "message": f"zwornik/v1|pesel|{pesel}",
                "token": key.token(Pesel(pesel)),
            }
            for key in match_keys
            for pesel in pesels
        ],
        "refused_pesels": [_refused(pesel) for pesel in ("00000000000", "44651401358", "00130100002", "4465140135")],
        "checks": [
            {
                "epoch": key.epoch,
                "token": key.token(Pesel(PERSON)),
                "surname": unicodedata.normalize("NFC", surname),
                "form": "NFC" if unicodedata.is_normalized("NFC", surname) else "NFD",
                "surname_utf8": surname.encode().hex(),
                "folded": folded_surname(surname),
                "check": key.check(key.token(Pesel(PERSON)), surname),
            }
            for key in match_keys
            for surname in surnames
        ],
    }


def digests() -> Vector:
    """Return content digests, and the spellings that are refused."""
    bodies = (b"", b"{}", b'{"sets":[]}', '{"x":"zażółć"}'.encode(), bytes(range(256)))
    right = content_digest(b"{}")
    raw = jose.decode(right[9:-2].replace("+", "-").replace("/", "_"))
    wrong = {
        "hex": f"sha-256={raw.hex()}",
        "base64url": f"sha-256=:{jose.encode(raw)}:",
        "no colons": f"sha-256={right[9:-1]}",
    }
    return {
        "digests": [{"body": body.hex(), "content_digest": content_digest(body)} for body in bodies],
        "misspelt": [
            {"body": b"{}".hex(), "spelling": name, "content_digest": text, "problem": "proof-digest-encoding"}
            for name, text in wrong.items()
        ],
    }


def proofs() -> Vector:
    """Return proofs of calls and of their answers."""
    push = b'{"incarnation":"%s","from":1,"sets":[],"checkpoint":"","errors_seen":0}' % INCARNATION.encode()
    reading = {"purpose": "benefit", "legal_basis": "labour_market_act", "actor": "u-17", "case": "T.1"}
    calls: tuple[tuple[str, str, str, str, bytes, dict[str, str]], ...] = (
        ("an empty body", PUP, "GET", "/v1/streams/pup-2478/broker/head", b"", {}),
        ("a push", PUP, "POST", "/v1/streams/pup-2478/sets", push, {}),
        ("a query and a base path", OPS, "GET", "/zwornik/v1/limits?of=ops-2478011&x=%C5%BC", b"", {}),
        ("a read of a person", OPS, "POST", "/v1/merged-views", _spelled({"token": TOKEN}).encode(), reading),
    )
    answers = ((200, b'{"position":1540}'), (409, b'{"type":"urn:zwornik:problem:stream-gap"}'), (204, b""))
    return {
        "requests": [
            {
                "name": name,
                "call": {"method": method, "target": target, "body": body.decode(), "now": NOW},
                **_signed(
                    iss,
                    REQUEST_TYPE,
                    sign_request(
                        KEYS[iss],
                        iss,
                        Call(method=method, target=target, body=body, aud=BROKER, now=NOW),
                        _uuid(at),
                        reads,
                    ),
                ),
            }
            for at, (name, iss, method, target, body, reads) in enumerate(calls)
        ],
        "responses": [
            {
                "answer": {"status": status, "body": body.decode(), "to": PUP, "req_jti": _uuid(at)},
                **_signed(
                    BROKER,
                    RESPONSE_TYPE,
                    sign_response(
                        KEYS[BROKER], iss=BROKER, aud=PUP, now=NOW, req_jti=_uuid(at), status=status, body=body
                    ),
                ),
            }
            for at, (status, body) in enumerate(answers)
        ],
        "refused_requests": refused_proofs(),
    }


def refused_proofs() -> list[Vector]:
    """Return proofs of one call with one mistake each, and the problem that it makes."""
    call = Call(method="POST", target="/v1/merged-views", body=b"{}", aud=BROKER, now=NOW)
    key, right = KEYS[PUP], jose.parse(sign_request(KEYS[PUP], PUP, call, _uuid(0)), REQUEST_TYPE)
    claims, der = right.claims, encode_dss_signature(*(int.from_bytes(right.signature[at : at + 32]) for at in (0, 32)))
    unsigned = jose.encode(_spelled({"alg": "none", "kid": key.kid, "typ": REQUEST_TYPE}).encode())
    mistakes = {
        "typ JWT": ("proof-type", key.sign("JWT", claims)),
        "alg none": ("proof-algorithm", f"{unsigned}.{jose.encode(right.payload)}."),
        "a signature in DER": ("proof-malformed", f"{right.signing_input.decode()}.{jose.encode(der)}"),
        "padding": ("proof-malformed", f"{right.signing_input.decode()}.{jose.encode(right.signature)}=="),
        "a lifetime of 61 s": ("proof-malformed", key.sign(REQUEST_TYPE, claims | {"exp": NOW + 61})),
        "a kid that nobody has": ("proof-unknown-key", SigningKey.from_seed(b"stranger").sign(REQUEST_TYPE, claims)),
        "signed by another key": (
            "proof-signature",
            f"{right.signing_input.decode()}.{KEYS[OPS].sign(REQUEST_TYPE, claims).rpartition('.')[2]}",
        ),
        "another receiver": ("proof-audience", key.sign(REQUEST_TYPE, claims | {"aud": OPS})),
        "61 s too early": ("proof-not-yet-valid", key.sign(REQUEST_TYPE, claims | {"iat": NOW + 61, "exp": NOW + 121})),
        "61 s too late": ("proof-expired", key.sign(REQUEST_TYPE, claims | {"iat": NOW - 121, "exp": NOW - 61})),
        "another method": ("proof-method", key.sign(REQUEST_TYPE, claims | {"htm": "PUT"})),
        "another path": ("proof-target", key.sign(REQUEST_TYPE, claims | {"target": "/v1/merged-views/"})),
        "another body": ("proof-digest", key.sign(REQUEST_TYPE, claims | {"content_digest": content_digest(b"{ }")})),
        "a digest in hex": (
            "proof-digest-encoding",
            key.sign(REQUEST_TYPE, claims | {"content_digest": f"sha-256={hashlib.sha256(b'{}').hexdigest()}"}),
        ),
    }
    return [
        {
            "name": name,
            "call": {"method": call.method, "target": call.target, "body": call.body.decode(), "now": NOW},
            "problem": problem,
            "refused_jws": token,
        }
        for name, (problem, token) in mistakes.items()
    ]


def sets() -> list[Vector]:
    """Return SETs of one office about one person, in the order in which it signed them."""
    return [
        {"name": name, **_signed(one.iss, SET_TYPE, one.text), "hash": jose.encode(one.hash)}
        for name, one in signed_sets().items()
    ]


def signed_sets() -> dict[str, SignedSet]:
    """Return the SETs by name; the shared ones are counted and each names the one before."""
    contract = {"contract_id": _uuid(20), "form": "A", "from": "2026-03-01", "until": "2026-08-31", "goals": 3}
    benefit = {"benefit_id": _uuid(21), "code": "OPS-ZOK", "monthly_net": 78_500, "from": "2026-01-01"}
    restated = {
        "generation": 1,
        "restatement_id": _uuid(22),
        "part": 1,
        "parts": 1,
        "complete": True,
        "records": [
            {"type": "contract.signed.v1", "payload": contract},
            {"type": "benefit.granted.v1", "payload": benefit | {"kept_months": None}},
        ],
    }
    enrolled = {
        "check": MATCH_KEY.check(TOKEN, "Przykładowska"),
        "key_fingerprint": MATCH_KEY.fingerprint,
        "basis": "social_assistance_act",
    }
    said = (
        ("an enrolment", "client.enrolled.v1", enrolled),
        ("a restatement", "record.restated.v1", restated),
        ("a contract", "contract.signed.v1", contract),
        ("a benefit", "benefit.granted.v1", benefit),
        ("a withdrawal", "client.withdrawn.v1", {}),
    )
    made: dict[str, SignedSet] = {}
    n, prev = 0, None
    for at, (name, type_name, members) in enumerate(said):
        type_ = event_type(type_name)
        n += type_.is_shared
        draft = Draft(
            type=type_,
            token=TOKEN,
            payload=schema.read(type_.shape, members),
            jti=_uuid(at),
            txn=_uuid(9),
            at=NOW + at,
            n=n if type_.is_shared else None,
            prev=prev if type_.is_shared else None,
        )
        made[name] = sign_set(KEYS[OPS], OPS, FEDERATION, draft)
        prev = made[name].hash if type_.is_shared else prev
    return made


def stream() -> Vector:
    """Return the chain of a stream over those SETs, one erased, with a checkpoint and a receipt at its end."""
    start = chain = chain_start(OPS, BROKER, INCARNATION)
    entries = []
    for position, (name, one) in enumerate(signed_sets().items(), 1):
        chain = chain_next(chain, one.hash)
        entry = {"erased": jose.encode(one.hash)} if name == "a contract" else {"set": name}
        entries.append({"position": position, **entry, "chain": jose.encode(chain)})
    mark = Mark(owner=OPS, peer=BROKER, incarnation=INCARNATION, position=len(entries), chain=chain, at=NOW + 9)
    return {
        "owner": OPS,
        "peer": BROKER,
        "incarnation": INCARNATION,
        "start": f"zwornik/v1|stream|{OPS}|{BROKER}|{INCARNATION}",
        "chain_0": jose.encode(start),
        "entries": entries,
        "checkpoint": _signed(OPS, CHECKPOINT_TYPE, sign_checkpoint(KEYS[OPS], mark)),
        "receipt": _signed(BROKER, RECEIPT_TYPE, sign_receipt(KEYS[BROKER], mark)),
    }


def directory() -> Vector:
    """Return a directory and its successor, the broker's word on a key, and a registration."""
    members = _members()
    match_keys = MatchKeys(fingerprint=MATCH_KEY.fingerprint)
    facts: Vector = {"federation": FEDERATION, "match_keys": match_keys, "members": members}
    first = Directory(serial=NOW, **facts).sign(KEYS[BROKER])
    second = Directory(serial=NOW + 43_200, previous=directory_hash(first), **facts).sign(KEYS[BROKER])
    registration = Registration(
        id=PUP,
        federation=FEDERATION,
        name="Powiatowy Urząd Pracy w Zabrzu",
        area=("2478011",),
        contact="it@example.invalid",
        key_fingerprint=MATCH_KEY.fingerprint,
        key=KEYS[PUP].public,
        jti=_uuid(30),
    )
    statement = sign_key_statement(KEYS[BROKER], PUP, MemberKey(KEYS[PUP].public, NOW - 60, NOW), NOW + 1)
    return {
        "pinned": KEYS[BROKER].kid,
        "directories": [
            {**_signed(BROKER, DIRECTORY_TYPE, token), "hash": directory_hash(token)} for token in (first, second)
        ],
        "key_statement": _signed(BROKER, KEY_TYPE, statement),
        "registration": _signed(PUP, REGISTRATION_TYPE, sign_registration(KEYS[PUP], registration, NOW)),
    }


def match_keys() -> Vector:
    """Return directories while one match key follows another and after it, and enrolments at those times."""
    following = NextMatchKey(
        fingerprint=NEXT_MATCH_KEY.fingerprint,
        epoch=NEXT_MATCH_KEY.epoch,
        moves_at=NOW + 14 * 86_400,
        ends_at=NOW + 28 * 86_400,
    )
    during = MatchKeys(fingerprint=MATCH_KEY.fingerprint, next=following)
    after = MatchKeys(fingerprint=NEXT_MATCH_KEY.fingerprint, epoch=NEXT_MATCH_KEY.epoch)
    told = [
        Directory(serial=serial, federation=FEDERATION, match_keys=keys, members=_members()).sign(KEYS[BROKER])
        for serial, keys in ((NOW, during), (following.ends_at, after))
    ]
    token = NEXT_MATCH_KEY.token(Pesel(PERSON))
    by_both = Enrolled(
        check=MATCH_KEY.check(TOKEN, "Nowak"),
        key_fingerprint=MATCH_KEY.fingerprint,
        basis="labour_market_act",
        next={
            "token": token,
            "check": NEXT_MATCH_KEY.check(token, "Nowak"),
            "key_fingerprint": NEXT_MATCH_KEY.fingerprint,
        },
    )
    by_the_next = Enrolled(
        check=NEXT_MATCH_KEY.check(token, "Nowak"),
        key_fingerprint=NEXT_MATCH_KEY.fingerprint,
        basis="labour_market_act",
    )
    enrolments = [_enrolment(40, TOKEN, by_both, NOW), _enrolment(41, token, by_the_next, following.ends_at)]
    return {
        "directories": [_signed(BROKER, DIRECTORY_TYPE, directory) for directory in told],
        "enrolments": [_signed(PUP, SET_TYPE, signed.text) for signed in enrolments],
    }


def _enrolment(number: int, token: str, payload: Enrolled, at: int) -> SignedSet:
    draft = Draft(
        type=event_type("client.enrolled.v1"),
        token=token,
        payload=payload,
        jti=_uuid(number),
        txn=_uuid(number + 100),
        at=at,
    )
    return sign_set(KEYS[PUP], PUP, FEDERATION, draft)


def _members() -> list[Member]:
    return [
        Member(
            id=name,
            kind=name.partition("-")[0],
            name={PUP: "Powiatowy Urząd Pracy w Zabrzu", OPS: "MOPR w Zabrzu", BROKER: "Zwornik"}[name],
            area=() if name == BROKER else ("2478011",),
            state="active",
            contact="it@example.invalid",
            keys=(MemberKey(key.public, NOW - 60, NOW + 63_072_000),),
        )
        for name, key in KEYS.items()
    ]


def _signed(seed: str, typ: str, token: str) -> Vector:
    parsed = jose.parse(token, typ, max_bytes=1 << 20)
    return {
        "key": seed,
        "header": {"alg": "ES256", "kid": parsed.kid, "typ": typ},
        "claims": parsed.claims,
        "payload": parsed.payload.decode(),
        "jws": token,
    }


def _refused(pesel: str) -> Vector:
    try:
        Pesel(pesel)
    except MalformedPesel as refusal:
        return {"pesel": pesel, "problem": refusal.problem, "detail": refusal.detail}
    raise ValueError(pesel)


def _uuid(number: int) -> str:
    return f"0192f0c1-7c00-7abc-8def-{number:012x}"


def _spelled(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Write every file."""
    for name, text in files().items():
        FOLDER.joinpath(name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
