"""Every vector holds by code that shares nothing with the product."""

import hashlib
import hmac
import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

FOLDER = Path(__file__).parent
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
KEYS = {key["seed"]: key for key in FILES["keys"]["keys"]}
UNCHECKED: Any = dict.fromkeys(("verify_exp", "verify_iat", "verify_aud", "verify_sub", "verify_jti"), False)


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private(seed: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(KEYS[seed]["d"], 16), ec.SECP256R1())


def spelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def tokens() -> list[tuple[str, dict[str, Any]]]:
    """Return every signed token of the files with where it stands."""
    found = []
    waiting: list[tuple[str, Any]] = list(FILES.items())
    while waiting:
        where, value = waiting.pop(0)
        if isinstance(value, dict) and "jws" in value:
            found.append((where, value))
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [(f"{where}.{key}", item) for key, item in inside]
    return found


every_token = pytest.mark.parametrize("token", [one for _, one in tokens()], ids=[where for where, _ in tokens()])


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_key_follows_from_its_seed_and_is_named_by_its_thumbprint(key: dict[str, Any]) -> None:
    number = int.from_bytes(hashlib.sha512(b"zwornik/test-key|" + key["seed"].encode()).digest(), "big")
    assert int(key["d"], 16) == number % (int(FILES["keys"]["order_n"], 16) - 1) + 1
    point = private(key["seed"]).public_key().public_numbers()
    assert (key["jwk"]["crv"], key["jwk"]["kty"]) == ("P-256", "EC")
    assert [unb64(key["jwk"][name]) for name in "xy"] == [point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")]
    required = {name: key["jwk"][name] for name in ("crv", "kty", "x", "y")}
    assert key["thumbprint_input"].encode() == spelled(required)
    assert b64(hashlib.sha256(key["thumbprint_input"].encode()).digest()) == key["thumbprint"] == key["jwk"]["kid"]


@every_token
def test_a_token_is_its_header_its_payload_and_the_signature_of_rfc_6979(token: dict[str, Any]) -> None:
    head, body, tail = token["jws"].split(".")
    assert unb64(head) == spelled(token["header"])
    assert unb64(body) == token["payload"].encode() == spelled(token["claims"])
    assert token["header"] == {"alg": "ES256", "kid": KEYS[token["key"]]["thumbprint"], "typ": token["header"]["typ"]}
    signer = ec.ECDSA(SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(private(token["key"]).sign(f"{head}.{body}".encode(), signer))
    assert tail == b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert "=" not in token["jws"]


@every_token
def test_a_token_opens_with_another_library(token: dict[str, Any]) -> None:
    opened = jwt.decode_complete(
        token["jws"], jwt.PyJWK(KEYS[token["key"]]["jwk"] | {"alg": "ES256"}), algorithms=["ES256"], options=UNCHECKED
    )
    assert (opened["header"], opened["payload"]) == (token["header"], token["claims"])


def secret(epoch: int) -> bytes:
    [key] = [key for key in FILES["person"]["match_keys"] if key["epoch"] == epoch]
    return bytes.fromhex(key["secret"])


def mac(epoch: int, message: str) -> bytes:
    return hmac.new(secret(epoch), message.encode(), hashlib.sha256).digest()


def test_fingerprints_are_eight_bytes_of_an_hmac() -> None:
    for key in FILES["person"]["match_keys"]:
        assert key["fingerprint"] == mac(key["epoch"], "zwornik/v1|fingerprint")[:8].hex()


def test_tokens_are_the_epoch_and_an_hmac_over_the_pesel() -> None:
    for case in FILES["person"]["tokens"]:
        assert case["message"] == "zwornik/v1|pesel|" + case["pesel"]
        assert case["token"] == f"{case['epoch']}.{b64(mac(case['epoch'], case['message']))}"


def test_checks_are_one_byte_of_an_hmac_over_token_and_folded_surname() -> None:
    forms = set()
    for case in FILES["person"]["checks"]:
        surname = bytes.fromhex(case["surname_utf8"]).decode()
        forms.add(case["form"])
        assert case["surname"] == unicodedata.normalize("NFC", surname)
        upper = unicodedata.normalize("NFC", unicodedata.normalize("NFC", surname).upper())
        assert case["folded"] == "".join(sorted(re.split(r"[\s-]+", upper)))
        message = f"zwornik/v1|check|{case['token']}|{case['folded']}"
        assert case["check"] == f"{mac(case['epoch'], message)[0]:02x}"
    assert forms == {"NFC", "NFD"}


def test_a_person_in_the_vectors_was_never_born() -> None:
    for case in FILES["person"]["tokens"]:
        digits = [int(digit) for digit in case["pesel"]]
        weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
        assert sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 10 == 0
        assert 61 <= int(case["pesel"][2:4]) <= 72


def test_refused_pesels_break_the_rule_they_are_refused_by() -> None:
    details = {case["pesel"]: case["detail"] for case in FILES["person"]["refused_pesels"]}
    assert "date" in details["00000000000"]
    assert "check digit" in details["44651401358"]
    assert len(details) == 4
    assert {case["problem"] for case in FILES["person"]["refused_pesels"]} == {"malformed-pesel"}


def digest(body: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def test_digests_are_base64_between_colons_and_the_misspelt_ones_are_not() -> None:
    for case in FILES["digest"]["digests"]:
        assert case["content_digest"] == digest(bytes.fromhex(case["body"]))
    for case in FILES["digest"]["misspelt"]:
        assert case["content_digest"] != digest(bytes.fromhex(case["body"]))
        assert case["problem"] == "proof-digest-encoding"


def test_a_proof_says_what_the_call_was() -> None:
    for case in FILES["proof"]["requests"]:
        claims, call = case["claims"], case["call"]
        assert (claims["htm"], claims["target"], claims["iat"]) == (call["method"], call["target"], call["now"])
        assert claims["content_digest"] == digest(call["body"].encode())
        assert (claims["iss"], claims["aud"], claims["exp"]) == (case["key"], "broker", claims["iat"] + 60)


def test_the_proof_of_an_answer_says_what_the_answer_was() -> None:
    for case in FILES["proof"]["responses"]:
        claims, answer = case["claims"], case["answer"]
        assert claims["content_digest"] == digest(answer["body"].encode())
        assert (claims["iss"], claims["aud"]) == ("broker", answer["to"])
        assert (claims["req_jti"], claims["status"]) == (answer["req_jti"], answer["status"])


def test_sets_are_hashed_as_ascii_and_the_shared_ones_are_counted_and_linked() -> None:
    n, prev = 0, None
    for case in FILES["set"]["sets"]:
        assert case["hash"] == b64(hashlib.sha256(case["jws"].encode("ascii")).digest())
        assert case["claims"]["aud"] == f"zwornik:{FILES['set']['federation']}"
        assert len(case["claims"]["events"]) == 1
        if "n" in case["claims"]:
            n += 1
            assert (case["claims"]["n"], case["claims"].get("prev")) == (n, prev)
            prev = case["hash"]
    assert n == 3


def test_the_chain_runs_over_all_entries_the_erased_one_too() -> None:
    stream, hashes = FILES["stream"], {case["name"]: case["hash"] for case in FILES["set"]["sets"]}
    assert stream["start"] == f"zwornik/v1|stream|{stream['owner']}|{stream['peer']}|{stream['incarnation']}"
    chain = hashlib.sha256(stream["start"].encode()).digest()
    assert stream["chain_0"] == b64(chain)
    for position, entry in enumerate(stream["entries"], 1):
        digest_of_set = entry.get("erased") or hashes[entry["set"]]
        chain = hashlib.sha256(chain + unb64(digest_of_set)).digest()
        assert (entry["position"], entry["chain"]) == (position, b64(chain))
    assert {"erased", "set"} <= {name for entry in stream["entries"] for name in entry}


def test_checkpoint_and_receipt_name_the_last_position_from_either_end() -> None:
    stream = FILES["stream"]
    last = stream["entries"][-1]
    for name, iss, aud in (("checkpoint", "owner", "peer"), ("receipt", "peer", "owner")):
        claims = stream[name]["claims"]
        assert (claims["iss"], claims["aud"]) == (stream[iss], stream[aud])
        assert (claims["position"], claims["chain"]) == (last["position"], last["chain"])
        assert claims["incarnation"] == stream["incarnation"]
    assert "received_at" in stream["receipt"]["claims"]


def test_the_second_directory_follows_the_first_under_the_pinned_key() -> None:
    first, second = FILES["directory"]["directories"]
    for one in (first, second):
        assert one["hash"] == b64(hashlib.sha256(one["jws"].encode()).digest())
        assert one["header"]["kid"] == FILES["directory"]["pinned"] == KEYS["broker"]["thumbprint"]
        listed = {key["kid"] for member in one["claims"]["institutions"] for key in member["keys"]}
        assert listed == {key["thumbprint"] for key in KEYS.values()}
    assert (first["claims"]["previous"], second["claims"]["previous"]) == (None, first["hash"])
    assert first["claims"]["serial"] < second["claims"]["serial"]
