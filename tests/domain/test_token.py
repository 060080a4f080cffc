"""The person token and the check on a surname; the expected values are worked out with the standard library alone."""

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.pesel import Pesel
from shared.domain.token import MalformedToken, MatchKey, as_token, folded_surname, is_check, is_token

from .builders import HASH, PESEL, PROPERTY, TOKEN, pesels

KEY = MatchKey(epoch=1, secret=bytes(range(32)))
LETTERS = st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F)
SURNAMES = st.lists(st.text(LETTERS, min_size=1, max_size=8), min_size=1, max_size=3)
keys = st.builds(MatchKey, epoch=st.integers(1, 999_999), secret=st.binary(min_size=32, max_size=32))


def mac(key: MatchKey, message: str) -> bytes:
    return hmac.new(key.secret, message.encode(), hashlib.sha256).digest()


@PROPERTY
@given(keys, pesels())
def test_a_token_is_the_epoch_and_the_hmac_of_the_pesel(key: MatchKey, digits: str) -> None:
    expected = urlsafe_b64encode(mac(key, "zwornik/v1|pesel|" + digits)).decode().rstrip("=")
    assert key.token(Pesel(digits)) == f"{key.epoch}.{expected}"
    assert is_token(key.token(Pesel(digits)))
    assert digits not in key.token(Pesel(digits))


@PROPERTY
@given(keys, st.text(st.characters(exclude_categories=("C",)), max_size=20))
def test_a_check_is_the_first_byte_of_the_hmac_over_token_and_surname(key: MatchKey, surname: str) -> None:
    expected = mac(key, f"zwornik/v1|check|{TOKEN}|{folded_surname(surname)}")[:1].hex()
    assert key.check(TOKEN, surname) == expected
    assert is_check(expected)


@PROPERTY
@given(keys)
def test_the_fingerprint_is_eight_bytes_of_the_hmac_and_tells_nothing_of_the_key(key: MatchKey) -> None:
    assert key.fingerprint == mac(key, "zwornik/v1|fingerprint")[:8].hex()
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


@PROPERTY
@given(keys, pesels(), pesels())
def test_two_people_never_share_a_token_and_one_person_has_one(key: MatchKey, one: str, other: str) -> None:
    assert (key.token(Pesel(one)) == key.token(Pesel(other))) == (one == other)


def test_another_key_or_epoch_gives_another_token_and_fingerprint() -> None:
    other = MatchKey(epoch=1, secret=bytes(32))
    later = MatchKey(epoch=2, secret=KEY.secret)
    assert len({key.token(Pesel(PESEL)) for key in (KEY, other, later)}) == 3
    assert KEY.fingerprint == later.fingerprint != other.fingerprint


def test_a_thousand_surnames_spread_over_nearly_all_checks() -> None:
    checks = [KEY.check(TOKEN, f"NAZWISKO{number}") for number in range(1_000)]
    assert len(set(checks)) > 240


@PROPERTY
@given(SURNAMES, st.permutations([0, 1, 2]), st.sampled_from([" ", "-", "  ", " - ", "‑", "‐", "–", "\t", "\u00a0"]))
def test_order_of_parts_case_spelling_and_separators_do_not_change_a_surname(
    parts: list[str], order: list[int], separator: str
) -> None:
    mixed = [parts[at] for at in order if at < len(parts)]
    expected = folded_surname("-".join(parts))
    assert folded_surname(separator.join(mixed)) == expected
    assert folded_surname(f" {separator.join(parts)}\u00a0") == expected
    for form in ("NFC", "NFD"):
        assert folded_surname(unicodedata.normalize(form, separator.join(mixed))) == expected  # type: ignore[arg-type]


@PROPERTY
@given(st.text(LETTERS, max_size=12))
def test_upper_and_lower_case_of_a_surname_agree_with_it(surname: str) -> None:
    assert folded_surname(surname.upper()) == folded_surname(surname)
    if surname.lower().upper() == surname.upper():
        assert folded_surname(surname.lower()) == folded_surname(surname)


@PROPERTY
@given(SURNAMES)
def test_a_folded_surname_is_in_nfc_and_folding_it_again_changes_nothing(parts: list[str]) -> None:
    folded = folded_surname(" ".join(parts))
    assert unicodedata.is_normalized("NFC", folded)
    assert folded_surname(folded) == folded


@pytest.mark.parametrize(
    ("surname", "folded"),
    [
        ("Nowak", "NOWAK"),
        ("Wiśniewska-Bąk", "BĄKWIŚNIEWSKA"),
        ("Bąk Wiśniewska", "BĄKWIŚNIEWSKA"),
        ("zażółć gęślą jaźń", "GĘŚLĄJAŹŃZAŻÓŁĆ"),
        ("ŁĘCKI", "ŁĘCKI"),
        ("  Nowak  -  Kowalska ", "KOWALSKANOWAK"),
        ("von der Leyen", "DERLEYENVON"),
        ("Großmann", "GROSSMANN"),
        ("i\u0307brahimoğlu", "İBRAHIMOĞLU"),
        ("İbrahimoğlu", "İBRAHIMOĞLU"),
        ("O'Connor", "O'CONNOR"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_surnames_fold_as_the_table_says(surname: str, folded: str) -> None:
    assert folded_surname(surname) == folded


@pytest.mark.parametrize("pair", ["ąa", "ćc", "ęe", "łl", "ńn", "óo", "śs", "źz", "żz"])
def test_a_polish_letter_is_never_taken_for_its_latin_neighbour(pair: str) -> None:
    polish, latin = pair
    assert folded_surname(f"B{polish}k") != folded_surname(f"B{latin}k")


def test_decomposed_polish_letters_give_the_same_check_as_composed_ones() -> None:
    surname = "Żółć-Świątek"
    decomposed = unicodedata.normalize("NFD", surname)
    assert decomposed != surname
    assert KEY.check(TOKEN, decomposed) == KEY.check(TOKEN, surname)


def test_the_check_depends_on_the_token_too() -> None:
    others = {KEY.check(KEY.token(Pesel(digits)), "Nowak") for digits in ("44651401357", "00810100002")}
    assert KEY.check(TOKEN, "Nowak") is not None
    assert len(others | {KEY.check(TOKEN, "Nowak")}) > 1


@pytest.mark.parametrize(
    ("epoch", "secret"),
    [(0, bytes(32)), (-1, bytes(32)), (1_000_000, bytes(32)), (1, bytes(31)), (1, bytes(33)), (1, b"")],
)
def test_a_match_key_has_an_epoch_and_32_bytes(epoch: int, secret: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        MatchKey(epoch=epoch, secret=secret)
    assert secret.hex() not in str(refused.value) or not secret


@pytest.mark.parametrize(
    "text",
    [
        "",
        HASH,
        "." + HASH,
        "0." + HASH,
        "01." + HASH,
        "1000000." + HASH,
        "1." + HASH[:-1],
        "1." + HASH + "A",
        "1." + HASH + "\n",
        " 1." + HASH,
        "1," + HASH,
        "1." + HASH[:-1] + "=",
        "1." + HASH[:-1] + "+",
        "１." + HASH,
        None,
        1,
        ["1." + HASH],
        ("1." + HASH).encode(),
    ],
)
def test_what_has_not_the_form_of_a_token_is_refused(text: object) -> None:
    assert not is_token(text)
    with pytest.raises(MalformedToken) as refused:
        as_token(text)
    assert refused.value.field == "token"


@pytest.mark.parametrize("text", ["", "a", "abc", "AB", "0x", "a ", "ab\n", "٠٠", None, 10, b"ab"])
def test_what_has_not_the_form_of_a_check_is_refused(text: object) -> None:
    assert not is_check(text)


def test_a_token_passes_through_unchanged() -> None:
    assert as_token(TOKEN) == TOKEN
