"""``./dev mutate``: change the rule in every way it can be changed, and list what no test notices."""

import argparse
import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.mutation.changes import Key, Mutant
from tests.mutation.survey import Target, Trial, Unusable, survey

ROOT = Path(__file__).resolve().parents[2]
ACCEPTED = Path(__file__).with_name("accepted.csv")
_RULE = "shared/domain/benefit"
TARGETS = (
    Target(f"{_RULE}/rule.py"),
    Target(f"{_RULE}/rates.py"),
    Target(f"{_RULE}/shares.py"),
    Target(f"{_RULE}/clock.py"),
    Target(f"{_RULE}/curves.py"),
    Target(f"{_RULE}/jobs.py"),
    Target(f"{_RULE}/eligibility.py"),
    Target(f"{_RULE}/ledger.py"),
    Target(f"{_RULE}/payments.py"),
    Target(f"{_RULE}/span.py"),
    Target(f"{_RULE}/case.py", only=("Benefit", "Benefit.is_kept")),
    Target(f"{_RULE}/employment.py", only=("standing", "first_start")),
)
_TESTS = "tests/domain/benefit"
TESTS = tuple(
    f"{_TESTS}/test_{name}.py"
    for name in (
        "worked_cases",
        "curves",
        "clock",
        "result",
        "case",
        "employment",
        "working",
        "oracle",
        "jobs",
        "explain",
        "eligibility",
        "ledger",
        "payments",
        "span",
    )
)
"""Each change must be noticed by an example among these; what Hypothesis draws differs with its version."""


def main() -> int:
    """Run the survey; the exit status is 0 when each mutant is noticed or accepted, and each accepted one is needed."""
    given = _arguments().parse_args()
    targets = [Target(file) for file in given.files] if given.files else TARGETS
    made = [each for target in targets if given.only in target.file for each in target.mutants(given.root)]
    accepted = read_accepted(given.accepted)
    trial = Trial(given.root, given.tests, given.seconds, given.drawn)
    began = time.monotonic()
    try:
        survivors = survey(trial, made, jobs=given.jobs, tell=_progress(len(made)))
    except Unusable as failure:
        print(f"./dev mutate: {failure}", file=sys.stderr)
        return 2
    print(f"{len(made)} mutants, {len(made) - len(survivors)} noticed, in {time.monotonic() - began:.0f} s.")
    return report(made, survivors, accepted)


def report(made: list[Mutant], survivors: list[Mutant], accepted: dict[Key, str]) -> int:
    """Print the survivors, accepted ones with their reasons, and the rows of mutants that are noticed or gone."""
    for each in survivors:
        print(_told(each.key, at=f"{each.key.file}:{each.line}"))
        if each.key in accepted:
            print(f"    {accepted[each.key]}")
    surviving = {each.key for each in survivors}
    files = {each.key.file for each in made}
    stale = [key for key in accepted if key.file in files and key not in surviving]
    for key in stale:
        print(f"accepted.csv: {_told(key, at=key.file)} is noticed or gone; take the row out.")
    missed = len(surviving - accepted.keys())
    print(f"{missed} not noticed, {len(surviving) - missed} accepted as the same rule, {len(stale)} rows too many.")
    return 1 if missed or stale else 0


def read_accepted(path: Path) -> dict[Key, str]:
    """Return the reasons by what they are the reasons for."""
    with path.open(encoding="utf-8", newline="") as opened:
        return {
            Key(row["file"], row["place"], row["before"], row["after"], int(row["nth"])): row["reason"]
            for row in csv.DictReader(opened)
        }


def _arguments() -> argparse.ArgumentParser:
    reader = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    reader.add_argument("--jobs", type=int, default=2, help="processes at a time")
    reader.add_argument("--only", default="", metavar="FILE", help="files whose name holds this")
    reader.add_argument(
        "--seconds", type=float, default=2, help="CPU a test may take beyond five times what it takes unchanged"
    )
    reader.add_argument("--drawn", action="store_true", help="try the cases that Hypothesis draws as well: slow")
    reader.add_argument("--accepted", type=Path, default=ACCEPTED, metavar="FILE", help="the changes that are none")
    reader.add_argument("--root", type=Path, default=ROOT, help="the folder of files and tests")
    reader.add_argument("--files", nargs="+", help="what to change, instead of the benefit rule")
    reader.add_argument("--tests", nargs="+", default=TESTS, help="what must notice, instead of the rule's tests")
    return reader


def _told(key: Key, *, at: str) -> str:
    where = f" in {key.place}" if key.place else ""
    return f"{at}{where}{'' if key.nth == 1 else f', {key.nth}. time'}: {key.before} -> {key.after}"


def _progress(of: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
        elif done % 50 == 0 or done == of:
            print(f"{done} of {of}", file=sys.stderr, flush=True)

    return tell


if __name__ == "__main__":
    sys.exit(main())
