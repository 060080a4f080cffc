"""Compact JWS in its one strict form: what is taken, what is refused, and why."""

import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.exchange import jose
from shared.exchange.jose import BadToken, Parsed
from shared.exchange.keys import PublicKey, SigningKey

from .builders import KEYS, ORDER, PROPERTY, PUP, STRANGER, forge, header, raw_signature, spelled, with_signature

TYP = "secevent+jwt"
KEY = KEYS[PUP]
POINT = KEY.public.point
CLAIMS = {"iss": PUP, "iat": 1, "x": ["ż", {"y": None}]}


def opened(token: str, typ: str = TYP, **options: Any) -> dict[str, Any]:
    parsed = jose.parse(token, typ, **options)
    jose.verify(parsed, POINT)
    return parsed.claims


def refusal(token: str, typ: str = TYP, **options: Any) -> BadToken:
    with pytest.raises(BadToken) as refused:
        opened(token, typ, **options)
    return refused.value


def test_what_was_signed_opens_and_says_what_it_said() -> None:
    token = KEY.sign(TYP, CLAIMS)
    parsed = jose.parse(token, TYP)
    jose.verify(parsed, POINT)
    assert (parsed.kid, parsed.claims) == (KEY.kid, CLAIMS)
    assert parsed.payload == spelled(CLAIMS)
    assert parsed.signing_input.decode() == token.rpartition(".")[0]
    assert jwt.decode(token, POINT, algorithms=["ES256"], options={"verify_iat": False}) == CLAIMS


def test_the_same_bytes_give_the_same_signature_whoever_holds_the_key() -> None:
    again = SigningKey.from_seed(PUP.encode())
    assert len({KEY.sign(TYP, CLAIMS), KEY.sign(TYP, CLAIMS), again.sign(TYP, CLAIMS), forge(header(), CLAIMS)}) == 1
    assert KEY.sign(TYP, CLAIMS) != KEY.sign(TYP, CLAIMS | {"iat": 2})


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff" * 32, bytes(range(64)), b"abc"])
def test_base64url_has_one_spelling_each_way(data: bytes) -> None:
    assert jose.decode(jose.encode(data)) == data
    assert "=" not in jose.encode(data)


@PROPERTY
@given(st.text(st.characters(max_codepoint=0x100), max_size=12) | st.text("AQgw_-=+/ \n", max_size=8))
def test_text_decodes_only_if_it_is_what_encoding_gives_back(text: str) -> None:
    try:
        data = jose.decode(text)
    except ValueError:
        return
    assert jose.encode(data) == text


def test_the_example_of_rfc_7515_verifies() -> None:
    point = PublicKey.from_jwk(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    ).point
    signing_input = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ"
    )
    signature = jose.decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
    jose.verify(Parsed("", b"", {}, signing_input.encode(), signature), point)
    with pytest.raises(BadToken):
        jose.verify(Parsed("", b"", {}, signing_input.encode() + b"x", signature), point)


HEADS: dict[str, tuple[Any, str]] = {
    "another typ": (header(typ="JWT"), "type"),
    "typ in capitals": (header(typ="SECEVENT+JWT"), "type"),
    "typ with its media type": (header(typ="application/secevent+jwt"), "type"),
    "no typ": ({"alg": "ES256", "kid": KEY.kid}, "type"),
    "typ as a list": (header() | {"typ": [TYP]}, "type"),
    "typ null": (header() | {"typ": None}, "type"),
    "alg none": (header(alg="none"), "algorithm"),
    "alg None": (header(alg="None"), "algorithm"),
    "alg HS256": (header(alg="HS256"), "algorithm"),
    "alg ES384": (header(alg="ES384"), "algorithm"),
    "alg EdDSA": (header(alg="EdDSA"), "algorithm"),
    "alg in small letters": (header(alg="es256"), "algorithm"),
    "alg as a list": (header() | {"alg": ["ES256"]}, "algorithm"),
    "no alg": ({"typ": TYP, "kid": KEY.kid}, "algorithm"),
    "typ and alg wrong": (header(typ="JWT", alg="none"), "type"),
    "jku": (header(jku="https://example.invalid/keys"), "malformed"),
    "x5u": (header(x5u="https://example.invalid/cert"), "malformed"),
    "x5c": (header(x5c=["MIIB"]), "malformed"),
    "jwk": (header(jwk=STRANGER.public.jwk()), "malformed"),
    "crit": (header(crit=["exp"], exp=1), "malformed"),
    "b64": (header(b64=True), "malformed"),
    "b64 false": (header(b64=False, crit=["b64"]), "malformed"),
    "zip": (header(zip="DEF"), "malformed"),
    "cty": (header(cty="JWT"), "malformed"),
    "no kid": ({"alg": "ES256", "typ": TYP}, "malformed"),
    "kid as a number": (header() | {"kid": 1}, "malformed"),
    "kid null": (header() | {"kid": None}, "malformed"),
    "kid too long": (header() | {"kid": "k" * 65}, "malformed"),
    "a header that is a list": ([], "malformed"),
    "a header that is a string": (b'"x"', "malformed"),
    "an empty header": (b"", "malformed"),
    "two algs": (b'{"alg":"none","alg":"ES256","kid":"k","typ":"secevent+jwt"}', "malformed"),
    "two typs": (b'{"alg":"ES256","kid":"k","typ":"JWT","typ":"secevent+jwt"}', "malformed"),
    "a header in utf-16": (json.dumps(header()).encode("utf-16"), "malformed"),
    "a header with a byte order mark": (b"\xef\xbb\xbf" + spelled(header()), "malformed"),
    "a header in latin-1": (b'{"alg":"ES256","kid":"\xe9","typ":"secevent+jwt"}', "malformed"),
    "half a surrogate pair": (b'{"alg":"ES256","kid":"\\ud800","typ":"secevent+jwt"}', "malformed"),
    "text after the header": (spelled(header()) + b"{}", "malformed"),
    "a broken header": (b'{"alg":"ES256"', "malformed"),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_header_other_than_typ_alg_and_kid_is_refused_though_the_signature_holds(name: str) -> None:
    head, reason = HEADS[name]
    assert refusal(forge(head, CLAIMS)).reason == reason


PAYLOADS: dict[str, Any] = {
    "a doubled member": b'{"iss":"a","iss":"a"}',
    "a doubled member inside": b'{"x":[{"y":1,"y":1}]}',
    "a member doubled by an escape": b'{"iss":"a","\\u0069ss":"b"}',
    "a float": b'{"x":1.5}',
    "a whole float": b'{"x":1.0}',
    "an exponent": b'{"x":1e3}',
    "a float without end": b'{"x":1e999999999}',
    "NaN": b'{"x":NaN}',
    "Infinity": b'{"x":Infinity}',
    "minus Infinity": b'{"x":-Infinity}',
    "2**53 + 1": b'{"x":9007199254740993}',
    "-2**53 - 1": b'{"x":-9007199254740993}',
    "10 000 digits": b'{"x":' + b"9" * 10_000 + b"}",
    "minus 10 000 digits": b'{"x":-' + b"9" * 10_000 + b"}",
    "20 zeros before": b'{"x":' + b"0" * 20 + b"1}",
    "a list": b"[]",
    "a string": b'"x"',
    "a number": b"1",
    "null": b"null",
    "nothing": b"",
    "blanks": b"  ",
    "no JSON": b"{",
    "single quotes": b"{'x':1}",
    "a comma too many": b'{"x":1,}',
    "a comment": b'{"x":1}//',
    "two values": b"{}{}",
    "a control character in a string": b'{"x":"\n"}',
    "utf-16": '{"x":1}'.encode("utf-16"),
    "utf-16 without its mark": '{"x":1}'.encode("utf-16-le"),
    "utf-32": '{"x":1}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"x":1}',
    "latin-1": b'{"x":"\xe9"}',
    "an overlong encoding": b'{"x":"\xc0\x80"}',
    "a surrogate in utf-8": b'{"x":"\xed\xa0\x80"}',
    "half a surrogate pair": b'{"x":"\\ud800"}',
    "the other half": b'{"x":"\\udc00\\ud800"}',
    "half a pair as a name": b'{"\\uDBFF":1}',
    "33 levels of lists": b'{"x":' + b"[" * 32 + b"]" * 32 + b"}",
    "33 levels of objects": b'{"x":' * 33 + b"1" + b"}" * 33,
    "10 000 levels of lists": b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "5 000 levels of objects": b'{"x":' * 5_000 + b"1" + b"}" * 5_000,
    "10 000 levels without end": b"[" * 10_000,
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_claims_that_are_no_strict_json_object_are_refused_though_the_signature_holds(name: str) -> None:
    assert refusal(forge(header(), PAYLOADS[name])).reason == "malformed"


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b' {\n"x" :\t1 } ',
        b'{"x":9007199254740992,"y":-9007199254740992,"z":-0}',
        b'{"x":"\\ud83d\\ude00\\u0041\\u0000","\\u017c":true}',
        b'{"x":' + b"[" * 31 + b"]" * 31 + b"}",
        b'{"x":' * 32 + b"1" + b"}" * 32,
        b'{"x":"' + b"[" * 5_000 + b'"}',
        b'{"x":[' + b",".join([b"{}"] * 2_000) + b"]}",
    ],
)
def test_odd_but_strict_json_is_taken_and_means_what_it_means_elsewhere(payload: bytes) -> None:
    assert opened(forge(header(), payload)) == json.loads(payload)


def test_the_form_is_three_parts_without_anything_around_them() -> None:
    token = KEY.sign(TYP, CLAIMS)
    head, body, tail = token.split(".")
    assert opened(token) == CLAIMS
    for wrong in (
        "",
        ".",
        "..",
        "...",
        head,
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}..{tail}",
        f".{body}.{tail}",
        f"{token}.",
        f".{token}",
        f"{token}.{tail}",
        f"{head}.{body}..{tail}",
        f" {token}",
        f"{token} ",
        f"{token}\n",
        f"{head} .{body}.{tail}",
        f"{head}.{body}.\n{tail}",
        f"{head}.{body[:8]}\n{body[8:]}.{tail}",
        f"{token}=",
        f"{head}=.{body}.{tail}",
        f"{token}==",
        f"{head}.{body}=.{tail}",
        token.replace("-", "+").replace("_", "/") if "-" in token or "_" in token else f"+{token}",
        f"{head}.{body}.{tail[:-1]}",
        f"{head}.{body}.{tail}A",
        f"{head}.{body}.ż{tail[1:]}",
        f"{head}.{body}.\ud800{tail[1:]}",
        f"\ufeff{token}",
        f"Bearer {token}",
    ):
        assert refusal(wrong).reason == "malformed", wrong


def test_bits_left_over_in_the_last_letter_make_another_token() -> None:
    token = KEY.sign(TYP, CLAIMS)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    at = letters.index(token[-1])
    assert at % 4 == 0 or at % 16 == 0
    same_bytes = token[:-1] + letters[at + 1]
    assert refusal(same_bytes).reason == "malformed"


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, 1),
        (1, 0),
        (0, 0),
        (ORDER, 1),
        (1, ORDER),
        (ORDER, ORDER),
        (ORDER + 1, 1),
        (2**256 - 1, 2**256 - 1),
        (1, 1),
    ],
)
def test_numbers_no_signature_can_hold_are_refused_as_a_wrong_signature(r: int, s: int) -> None:
    token = with_signature(KEY.sign(TYP, CLAIMS), r.to_bytes(32) + s.to_bytes(32))
    assert refusal(token).reason == "signature"


def test_a_signature_in_der_or_of_another_length_is_malformed() -> None:
    token = KEY.sign(TYP, CLAIMS)
    raw = jose.decode(token.rpartition(".")[2])
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    for wrong in (encode_dss_signature(r, s), raw[:63], raw + b"\0", b"\0" + raw, raw[:32], b"", raw * 2):
        assert refusal(with_signature(token, wrong)).reason == "malformed"
    assert refusal(with_signature(token, raw[32:] + raw[:32])).reason == "signature"


def test_the_twin_of_a_signature_holds_too_so_a_hash_names_bytes_and_not_content() -> None:
    token = KEY.sign(TYP, CLAIMS)
    raw = jose.decode(token.rpartition(".")[2])
    twin = with_signature(token, raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32))
    assert twin != token
    assert opened(twin) == opened(token) == CLAIMS
    assert jwt.decode(twin, POINT, algorithms=["ES256"], options={"verify_iat": False}) == CLAIMS


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    head = header(alg="HS256")
    signing_input = f"{jose.encode(spelled(head))}.{jose.encode(spelled(CLAIMS))}"
    for secret in (
        POINT.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        POINT.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        POINT.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        json.dumps(KEY.public.jwk()).encode(),
    ):
        mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
        assert refusal(f"{signing_input}.{jose.encode(mac)}").reason == "algorithm"
        pretending = forge(header(), CLAIMS).rpartition(".")[0]
        mac = hmac.new(secret, pretending.encode(), hashlib.sha256).digest()
        assert refusal(f"{pretending}.{jose.encode(mac + mac)}").reason == "signature"


def test_a_signature_of_another_key_content_or_curve_does_not_hold() -> None:
    token = KEY.sign(TYP, CLAIMS)
    assert refusal(forge(header(), CLAIMS, STRANGER)).reason == "signature"
    assert refusal(with_signature(token, raw_signature("x" + token.rpartition(".")[0], KEY))).reason == "signature"
    other = KEY.sign(TYP, CLAIMS | {"iat": 2})
    assert refusal(f"{token.rpartition('.')[0]}.{other.rpartition('.')[2]}").reason == "signature"
    parsed = jose.parse(token, TYP)
    with pytest.raises(BadToken):
        jose.verify(parsed, ec.derive_private_key(7, ec.SECP384R1()).public_key())


def test_a_token_is_as_long_as_it_may_be_and_not_a_byte_longer() -> None:
    token = KEY.sign(TYP, {"x": "a" * 1000})
    assert opened(token, max_bytes=len(token))
    assert refusal(token, max_bytes=len(token) - 1).reason == "malformed"
    assert refusal("a" * 65_537).reason == "malformed"


def test_a_refusal_says_what_was_expected_and_what_came_but_never_a_long_or_odd_value() -> None:
    wrong = refusal(forge(header(typ="JWT"), CLAIMS))
    assert (wrong.expected, wrong.received) == (TYP, "JWT")
    wrong = refusal(forge(header(alg="HS256"), CLAIMS))
    assert (wrong.expected, wrong.received) == ("ES256", "HS256")
    assert refusal(forge(header(typ="x" * 5_000), CLAIMS)).received == "x" * 64
    assert refusal(forge(header() | {"typ": {"a": 1}}, CLAIMS)).received is None
