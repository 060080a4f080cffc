"""``./dev mutate``: change the rule in every way it can be changed, and list what no test notices."""

import argparse
import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.mutation.changes import Mutant
from tests.mutation.survey import Target, Unusable, survey

ROOT = Path(__file__).resolve().parents[2]
_RULE = "shared/domain/benefit"
TARGETS = (
    Target(f"{_RULE}/rule.py"),
    Target(f"{_RULE}/rates.py"),
    Target(f"{_RULE}/shares.py"),
    Target(f"{_RULE}/clock.py"),
    Target(f"{_RULE}/curves.py"),
    Target(f"{_RULE}/jobs.py"),
    Target(f"{_RULE}/case.py", only=("Benefit", "Benefit.is_kept")),
    Target(f"{_RULE}/employment.py", only=("standing", "first_start")),
)
_TESTS = "tests/domain/benefit"
TESTS = tuple(
    f"{_TESTS}/test_{name}.py"
    for name in ("worked_cases", "curves", "clock", "result", "case", "oracle", "jobs", "explain")
)
"""The quick ones first. Each change must be noticed without ``test_what_must_hold``, as slow as all the rest."""


def main() -> int:
    """Run the survey; the exit status is 0 when each mutant is noticed or accepted, and each accepted one is needed."""
    reader = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    reader.add_argument("--jobs", type=int, default=2, help="processes at a time")
    reader.add_argument("--only", default="", metavar="FILE", help="files whose name holds this")
    reader.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    reader.add_argument("--files", nargs="*", help=argparse.SUPPRESS)
    reader.add_argument("--tests", nargs="*", default=TESTS, help=argparse.SUPPRESS)
    given = reader.parse_args()
    targets = [Target(file) for file in given.files] if given.files else TARGETS
    made = [each for target in targets if given.only in target.file for each in target.mutants(given.root)]
    accepted = read_accepted(Path(__file__).with_name("accepted.csv")) if not given.files else {}
    began = time.monotonic()
    try:
        survivors = survey(given.root, made, given.tests, jobs=given.jobs, tell=_progress(len(made)))
    except Unusable as failure:
        print(f"./dev mutate: {failure}", file=sys.stderr)
        return 2
    print(f"{len(made)} mutants, {len(made) - len(survivors)} noticed, in {time.monotonic() - began:.0f} s.")
    return report(made, survivors, accepted)


def report(made: list[Mutant], survivors: list[Mutant], accepted: dict[tuple[str, ...], str]) -> int:
    """Print the survivors; those accepted with their reasons, and accepted ones that are noticed or gone."""
    surviving = {each.key for each in survivors}
    for each in survivors:
        reason = accepted.get(each.key)
        print(f"{each.file}:{each.line}: {each.before} -> {each.after}" + (f"  ({reason})" if reason else ""))
    files = {each.file for each in made}
    stale = [key for key in accepted if key[0] in files and key not in surviving]
    for key in stale:
        print(f"accepted.csv: {key[0]}, {key[1]}: {key[2]} -> {key[3]} is noticed or gone; take the row out.")
    missed = len([key for key in surviving if key not in accepted])
    print(f"{missed} not noticed, {len(surviving) - missed} accepted as the same rule, {len(stale)} rows too many.")
    return 1 if missed or stale else 0


def read_accepted(path: Path) -> dict[tuple[str, ...], str]:
    """Return the reasons by file, place, before and after."""
    with path.open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened)
        return {(row["file"], row["place"], row["before"], row["after"]): row["reason"] for row in rows}


def _progress(of: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
        elif done % 50 == 0 or done == of:
            print(f"{done} of {of}", file=sys.stderr, flush=True)

    return tell


if __name__ == "__main__":
    sys.exit(main())
