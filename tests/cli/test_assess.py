"""``zwornik assess``: anyone recomputes a benefit from a file; one bad case spoils no other."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.domain.benefit.case import parse_case
from shared.domain.benefit.explain import explained_json
from shared.domain.benefit.rule import work_out
from tests.cli.command import ROOT, Said, bare, process, zwornik
from tests.domain.benefit.builders import WORKED

NAMES = sorted(WORKED)
CASE = WORKED[NAMES[0]]["case"]
LINE = json.dumps(CASE, ensure_ascii=False).encode()
RESULT = WORKED[NAMES[0]]["result"]
MIB = 1024 * 1024


def answers(said: Said) -> list[Any]:
    return [json.loads(line) for line in said.out.splitlines()]


def problem(answer: Any) -> tuple[str, int, str | None]:
    return answer["type"].rpartition(":")[2], answer["line"], answer.get("field")


def assess(content: bytes, *options: str) -> Said:
    said = zwornik("assess", "-", *options, stdin=content)
    assert said.err == ""
    return said


@pytest.mark.parametrize("name", NAMES)
def test_each_worked_case_is_answered_amount_for_amount(tmp_path: Path, name: str) -> None:
    (tmp_path / "case.json").write_text(json.dumps(WORKED[name]["case"], indent=2))
    said = zwornik("assess", tmp_path / "case.json")
    assert said.status == 0
    assert said.out == json.dumps(WORKED[name]["result"], separators=(",", ":"), ensure_ascii=False) + "\n"


def test_lines_of_cases_are_answered_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text("\n".join(json.dumps(WORKED[name]["case"]) for name in NAMES))
    said = zwornik("assess", tmp_path / "cases.jsonl")
    assert said.status == 0
    assert answers(said) == [WORKED[name]["result"] for name in NAMES]
    piped = zwornik("assess", "-", stdin=(tmp_path / "cases.jsonl").read_bytes())
    assert piped == said


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_explanation_is_that_of_the_rule(name: str, language: Any) -> None:
    case = WORKED[name]["case"]
    said = assess(json.dumps(case).encode(), "--explain", "--language", language)
    assert said.status == 0
    assert answers(said) == [explained_json(work_out(parse_case(case)), language=language)]


def test_polish_is_the_language_unless_another_is_asked_for() -> None:
    assert assess(LINE, "--explain") == assess(LINE, "--explain", "--language", "pl")
    assert assess(LINE, "--explain") != assess(LINE, "--explain", "--language", "en")
    assert zwornik("assess", "-", "--language", "de", stdin=LINE).status == 2


BAD_LINES = [
    (b"not a case", ("json-malformed", 2, None)),
    (b"{", ("json-malformed", 2, None)),
    (b"null", ("request-invalid", 2, "")),
    (b"[1, 2]", ("request-invalid", 2, "")),
    (LINE.replace(b'"amount_gr": ', b'"amount_gr": 0.', 1), ("request-invalid", 2, "benefits[0].amount_gr")),
    (LINE.replace(b'"effective": ', b'"effective": NaN, "x": ', 1), ("json-malformed", 2, "employment[0].effective")),
    (b'{"case_id": "a", "case_id": "b"}', ("json-malformed", 2, "case_id")),
    (LINE.replace(b'"owner": ', b'"owner": "a", "owner": ', 1), ("json-malformed", 2, "benefits[0].owner")),
    (b'{"case_id": "a", "Kowalska": 1, "Kowalska": 2}', ("json-malformed", 2, None)),
    (b'{"case_id": "a", "benefits": []}', ("request-invalid", 2, "employment")),
    (LINE.replace(b'"amount_gr": ', b'"amount_gr": -', 1), ("amount-negative", 2, "benefits[0].amount_gr")),
    (LINE.replace(b'"case_id"', b'"case"', 1), ("field-unknown", 2, "case")),
    (LINE.replace(b"ops", "ópś".encode("cp1250")), ("json-malformed", 2, None)),
    (LINE.decode().encode("utf-16"), ("json-malformed", 2, None)),
    (b"\x00\x00", ("json-malformed", 2, None)),
    (b"[" * 200_000, ("json-malformed", 2, None)),
    (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, ("json-malformed", 2, None)),
    (LINE[:-1] + b', "note": "' + b"a" * 5 * MIB + b'"}', ("request-invalid", 2, None)),
    (b'"' + b"a" * 9 * MIB + b'"', ("request-invalid", 2, None)),
]


@pytest.mark.parametrize(("bad", "expected"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_gets_its_problem_and_the_others_are_answered(
    bad: bytes, expected: tuple[str, int, str | None]
) -> None:
    said = assess(b"\n".join([LINE, bad, LINE, b"", b"bad too", LINE]))
    assert said.status == 2
    first, second, third, fourth, fifth = answers(said)
    assert [first, third, fifth] == [RESULT] * 3
    assert problem(second) == expected
    assert problem(fourth) == ("json-malformed", 5, None)


@pytest.mark.parametrize(("bad", "expected"), BAD_LINES[9:12] + BAD_LINES[15:], ids=range(7))
def test_a_bad_first_line_spoils_nothing_either(bad: bytes, expected: tuple[str, int, str | None]) -> None:
    said = assess(b"\n".join([bad, LINE, LINE]))
    assert said.status == 2
    first, *others = answers(said)
    assert problem(first) == (expected[0], 1, expected[2])
    assert others == [RESULT] * 2


def test_lines_are_counted_on_over_more_than_is_read_at_once() -> None:
    long_line = LINE + b" " * (MIB // 2)
    first, *good, last = answers(assess(b"bad\n" + (long_line + b"\n") * 20 + b"bad\n"))
    assert (problem(first)[1], problem(last)[1]) == (1, 22)
    assert good == [RESULT] * 20


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_a_byte_order_mark_and_the_ends_of_windows_lines_do_no_harm(tmp_path: Path, mark: bytes, end: bytes) -> None:
    for content in (LINE, LINE + end + LINE, json.dumps(CASE, indent=1).encode().replace(b"\n", end) + end):
        (tmp_path / "case.json").write_bytes(mark + content)
        said = zwornik("assess", tmp_path / "case.json")
        assert said.status == 0
        assert answers(said) == [RESULT] * (1 + content.count(LINE + end + LINE))
        assert zwornik("assess", "-", stdin=mark + content) == said


def test_a_separator_inside_a_text_parts_no_line() -> None:
    said = assess(b"bad\n" + LINE.replace(b'"kind": "', '"kind": "\u2028'.encode(), 1) + b"\n" + LINE)
    assert [problem(answer)[1] for answer in answers(said)[:2]] == [1, 2]
    assert answers(said)[2] == RESULT


@pytest.mark.parametrize("nothing", [b"", b"\n", b"\n  \n\r\n", b"\xef\xbb\xbf"])
def test_no_case_is_no_answer(nothing: bytes) -> None:
    assert assess(nothing) == Said(0, b"", "")


def test_one_case_over_many_lines_that_is_wrong_is_one_problem() -> None:
    said = assess(json.dumps(CASE, indent=2).encode().replace(b",", b"", 1))
    assert said.status == 2
    (answer,) = answers(said)
    assert problem(answer) == ("json-malformed", 3, None)
    assert (answer["column"], answer["detail"]) == (3, "The text is no longer JSON at column 3.")


def test_no_problem_repeats_what_came_in() -> None:
    for member in ("Skrzywodrzynowiak", "44651401357"):
        said = assess(json.dumps(CASE | {member: member}).encode())
        assert said.status == 2
        assert member not in said.out


def test_a_file_that_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    assert zwornik("assess", tmp_path / "none.json").complaint.endswith(
        "none.json cannot be read: No such file or directory"
    )
    assert zwornik("assess", tmp_path).complaint.endswith("cannot be read: Is a directory")


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "cp1250"}], ids=str)
def test_the_answer_is_the_same_bytes_under_any_locale(locale: dict[str, str]) -> None:
    lines = b"\n".join([LINE, b"bad", "ż".encode("cp1250")])
    said = process("assess", "-", "--explain", stdin=lines, env=locale | {"PYTHONCOERCECLOCALE": "0"})
    assert said == assess(lines, "--explain")
    assert "świadczeń" in said.out


def test_who_stops_reading_sees_no_traceback() -> None:
    command = [sys.executable, "-m", "services.cli", "assess", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=bare({}), cwd=ROOT, **pipes) as reader:  # type: ignore[call-overload]
        reader.stdout.close()
        _, err = reader.communicate((LINE + b"\n") * 200, timeout=60)
    assert b"Traceback" not in err
