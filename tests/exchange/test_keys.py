"""Keys: points on the curve alone, named by their thumbprint, in files that nobody else can read."""

import hashlib
import os
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from shared.exchange import jose
from shared.exchange.identity import Identity
from shared.exchange.keys import MalformedKey, PublicKey, SigningKey, load_keys, save_key, thumbprint
from shared.exchange.member_keys import MemberKey
from shared.runtime.files import InsecureFile

from .builders import KEYS, NOW, ORDER, PRIME, PROPERTY, PUP, VALID, directory, member

KEY = KEYS[PUP]
JWK = KEY.public.jwk()
seeds = st.binary(max_size=16)


def coordinate(value: int, length: int = 32) -> str:
    return jose.encode(value.to_bytes(length))


X, Y = (int.from_bytes(jose.decode(JWK[name])) for name in "xy")


def small_points() -> list[tuple[int, int]]:
    """Return points whose coordinate has another spelling below 2**256: the value and the prime."""
    found = []
    for x in range(200):
        square = (x**3 - 3 * x + int("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16)) % PRIME
        y = pow(square, (PRIME + 1) // 4, PRIME)
        if y * y % PRIME == square:
            found.append((x, y))
    return found


@PROPERTY
@given(seeds)
def test_a_thumbprint_is_the_hash_of_the_required_members_in_order(seed: bytes) -> None:
    key = SigningKey.from_seed(seed)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public.point, as_dict=True)
    spelled = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    assert key.kid == jose.encode(hashlib.sha256(spelled.encode()).digest())
    assert thumbprint(key.public.jwk() | {"kid": "x", "use": "sig", "alg": "ES256"}) == key.kid


@PROPERTY
@given(seeds)
def test_a_public_key_reads_back_from_its_jwk(seed: bytes) -> None:
    public = SigningKey.from_seed(seed).public
    again = PublicKey.from_jwk(public.jwk())
    assert again == public
    assert again.point.public_numbers() == public.point.public_numbers()
    theirs = jwt.PyJWK(public.jwk() | {"alg": "ES256"}).key
    assert theirs.public_numbers() == public.point.public_numbers()


def test_a_seed_makes_one_key_and_generation_makes_another_each_time() -> None:
    number = int.from_bytes(hashlib.sha512(b"zwornik/test-key|x").digest()) % (ORDER - 1) + 1
    assert SigningKey.from_seed(b"x").private.private_numbers().private_value == number
    assert len({SigningKey.generate().kid for _ in range(8)}) == 8


def test_two_keys_are_never_taken_for_one_and_none_shows_itself() -> None:
    one, other = SigningKey.from_seed(b"1"), SigningKey.from_seed(b"2")
    assert one != other
    assert len({one, other}) == 2
    assert one.public != other.public
    secret = str(one.private.private_numbers().private_value)
    assert secret not in repr(one)
    assert "d" not in one.public.jwk()


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "RSA"},
        {"kty": "ec"},
        {"crv": "P-384"},
        {"crv": "P-521"},
        {"crv": "secp256k1"},
        {"crv": "p-256"},
        {"kty": None},
        {"crv": ["P-256"]},
        {"x": ""},
        {"x": coordinate(X) + "="},
        {"x": coordinate(X) + "A"},
        {"x": coordinate(X)[:-1]},
        {"x": coordinate(X, 33)},
        {"x": coordinate(X + 1)},
        {"y": coordinate(Y + 1)},
        {"y": coordinate(X)},
        {"x": coordinate(0), "y": coordinate(0)},
        {"x": coordinate(PRIME), "y": coordinate(1)},
        {"x": coordinate(2**256 - 1), "y": coordinate(2**256 - 1)},
        {"x": JWK["x"].encode()},
        {"x": X},
        {"x": None},
        {"x": [JWK["x"]]},
        {"x": "\ud800" * 43},
        {"x": " " + JWK["x"]},
        {"x": JWK["x"][:-1] + chr(ord(JWK["x"][-1]) + 1)},
    ],
)
def test_what_is_no_point_on_p_256_in_canonical_spelling_is_no_key(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedKey) as refused:
        PublicKey.from_jwk(JWK | changes)
    assert refused.value.field == "jwk"


@pytest.mark.parametrize("jwk", [{}, {"x": JWK["x"]}, None, [], "EC", 1, [JWK]])
def test_what_is_no_jwk_is_no_key(jwk: Any) -> None:
    with pytest.raises(MalformedKey):
        PublicKey.from_jwk(jwk)


def test_a_coordinate_beyond_the_prime_is_no_second_spelling_of_a_point() -> None:
    points = small_points()
    assert len(points) > 50
    for x, y in points:
        PublicKey.from_jwk(JWK | {"x": coordinate(x), "y": coordinate(y)})
        with pytest.raises(MalformedKey):
            PublicKey.from_jwk(JWK | {"x": coordinate(x + PRIME), "y": coordinate(y)})


def test_a_key_of_another_curve_is_refused_even_if_it_claims_to_be_p_256() -> None:
    numbers = ec.derive_private_key(7, ec.SECP384R1()).public_key().public_numbers()
    for length in (32, 48):
        x, y = (coordinate(value % 2 ** (8 * length), length) for value in (numbers.x, numbers.y))
        with pytest.raises(MalformedKey):
            PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})


def pem(key: Any, encryption: Any = None) -> bytes:
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return made


def put(folder: Path, content: bytes, mode: int = 0o600, name: str = "a.pem") -> Path:
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_saved_key_loads_again_from_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = save_key(tmp_path / "keys", KEY)
    assert path.name == f"{KEY.kid}.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    [loaded] = load_keys(path.parent)
    assert loaded.kid == KEY.kid
    assert loaded.sign("t", {"a": 1}) == KEY.sign("t", {"a": 1})


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = save_key(tmp_path, KEY)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        save_key(tmp_path, KEY)
    assert path.read_bytes() == before


def test_a_key_that_is_saved_under_a_loose_umask_is_still_the_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = save_key(tmp_path, KEY)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777, 0o660])
def test_a_key_that_others_can_touch_is_refused_with_the_way_to_mend_it(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path, pem(KEY.private), mode)
    with pytest.raises(InsecureFile, match="chmod 600") as refused:
        load_keys(tmp_path)
    assert str(path) in str(refused.value)
    assert "PRIVATE" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_key_that_only_its_owner_can_touch_loads(tmp_path: Path, mode: int) -> None:
    put(tmp_path, pem(KEY.private), mode)
    assert [key.kid for key in load_keys(tmp_path)] == [KEY.kid]


def unknown_curve() -> bytes:
    """Return a PEM whose curve has an object identifier that nobody knows."""
    der = KEY.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    p256 = bytes.fromhex("2a8648ce3d030107")
    assert p256 in der
    body = jose.encode(der.replace(p256, p256[:-1] + b"\x77")).replace("-", "+").replace("_", "/")
    lines = body + "=" * (-len(body) % 4)
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem(KEY.private)[:-40],
        KEY.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        pem(ec.derive_private_key(7, ec.SECP384R1())),
        pem(ec.derive_private_key(7, ec.SECP256K1())),
        pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))),
        pem(KEY.private, BestAvailableEncryption(b"password")),
        unknown_curve(),
    ],
    ids=["empty", "zeros", "bytes", "junk", "cut", "public", "p-384", "k-256", "ed25519", "password", "unknown curve"],
)
def test_a_file_without_a_p_256_key_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, content)
    with pytest.raises(MalformedKey) as refused:
        load_keys(tmp_path)
    assert str(path) in refused.value.detail


def test_the_newest_file_comes_first_and_other_files_are_left_alone(tmp_path: Path) -> None:
    names = {}
    for age, seed in enumerate((b"new", b"old", b"older")):
        key = SigningKey.from_seed(seed)
        path = save_key(tmp_path, key)
        os.utime(path, (NOW - age, NOW - age))
        names[age] = key.kid
    put(tmp_path, b"not a key", 0o644, "notes.txt")
    assert [key.kid for key in load_keys(tmp_path)] == [names[0], names[1], names[2]]
    assert load_keys(tmp_path / "nowhere") == []


def test_a_node_signs_with_the_newest_key_that_the_directory_shows_as_valid() -> None:
    new, old = SigningKey.from_seed(b"new"), KEYS[PUP]
    identity = Identity(PUP, "pl-test", [new, old])
    assert identity.signing_key(directory(), NOW) is old
    assert identity.signing_key(None, NOW) is old
    both = directory(member(PUP, *(MemberKey(key.public, *VALID) for key in (new, old))))
    assert identity.signing_key(both, NOW) is new
    with pytest.raises(ValueError, match="zwornik keys generate"):
        Identity(PUP, "pl-test", [])
