"""``./dev simulate --seeds N [--from S] [--trace]``: run seeds, print those that fail."""

import sys
import time

import structlog
import typer

from tests.simulation.run import Outcome, ground, simulate

_SEEDS = typer.Option(100, "--seeds", min=1, max=1_000_000, help="How many seeds to run.")
_FROM = typer.Option(0, "--from", min=0, help="The first seed.")
_TRACE = typer.Option(False, "--trace", help="Print every call, crash and restart of each run.")


def main(seeds: int = _SEEDS, first: int = _FROM, trace: bool = _TRACE) -> None:
    """Run the whole federation once for each seed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began, cpu, failed = time.monotonic(), time.process_time(), []
    writes = faults = 0
    with ground() as laid:
        for seed in range(first, first + seeds):
            outcome = simulate(seed, laid)
            writes, faults = writes + outcome.acknowledged, faults + sum(outcome.faults.values())
            if trace:
                print("\n".join(outcome.lines))
            if outcome.wrong or trace:
                _say(outcome)
            failed += [seed] * bool(outcome.wrong)
    print(f"{seeds} seeds, {writes} acknowledged writes, {faults} faults, {len(failed)} failed")
    print(f"{time.monotonic() - began:.1f} s, {time.process_time() - cpu:.1f} s of processor time")
    if failed:
        print("failed:", *failed)
        sys.exit(1)


def _say(outcome: Outcome) -> None:
    print(f"seed {outcome.seed}: {outcome.acknowledged} writes, {outcome.virtual_s:.0f} virtual seconds")
    print(f"  trace {outcome.trace_hash}")
    print(f"  faults {outcome.faults}")
    for wrong in outcome.wrong:
        print(f"  WRONG {wrong}")


if __name__ == "__main__":
    typer.run(main)
