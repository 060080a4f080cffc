"""What must hold of a report: a demo whose figures do not add up says so and fails."""

from collections.abc import Iterator, Mapping
from typing import Any


def amiss(report: Mapping[str, Any]) -> list[str]:
    """Return what does not add up in a report, a line each; nothing where all does."""
    return [*_of_exchange(report), *_of_decisions(report), *_of_books(report), *_of_payments(report)]


def _of_exchange(report: Mapping[str, Any]) -> Iterator[str]:
    joint, events = report["joint_clients"], report["events"]
    if (joint["found"], joint["false"]) != (joint["expected"], 0):
        yield f"{joint['found']} joint clients found of {joint['expected']}, {joint['false']} of them false"
    if events["lost"] or events["dead_letters"] or events["relayed"] != events["applied"]:
        yield f"{events['lost']} events lost, {events['dead_letters']} dead letters"
    if not report["checkpoints_equal"]:
        yield "checkpoints differ between the two ends of a stream"


def _of_decisions(report: Mapping[str, Any]) -> Iterator[str]:
    made, decisions, explained = report["assessments"], report["decisions"], report["explained"]
    if not made["made"] == made["decided"] == decisions["granted"]:
        yield f"{made['made']} assessments, {made['decided']} decided, {decisions['granted']} granted"
    corrected = decisions["taken_over"] + decisions["left_undone"]
    if corrected != made["corrected"]:
        yield f"{made['corrected']} cases corrected, {corrected} corrections decided"
    if decisions["appealed"] != decisions["changed"] + decisions["upheld"]:
        yield f"{decisions['appealed']} appeals, of which some have no outcome"
    if not explained["schedules"] == explained["printed"] == made["made"]:
        yield f"{explained['schedules']} schedules explained and {explained['printed']} printed of {made['made']}"


def _of_books(report: Mapping[str, Any]) -> Iterator[str]:
    books = report["books"]
    if books["differing"]:
        yield f"amounts that differ between the books of broker and offices: {books['differing']}"
    if books["not_as_decided"]:
        yield f"cases whose entries are not what was decided: {books['not_as_decided']}"
    for name, one in report["money"].items():
        if one["reserved_gr"] != one["books_gr"]:
            yield f"{name}: {one['reserved_gr']} gr reserved of the budget, {one['books_gr']} gr in the books"


def _of_payments(report: Mapping[str, Any]) -> Iterator[str]:
    payments = report["payments"]
    if payments["changed_by_it"] or payments["booked_again"] != payments["lines"]:
        yield f"booking twice changed {payments['changed_by_it']} lines of {payments['lines']}"
    for name, one in report["money"].items():
        overpaid = one["to_hold_back_gr"] + one["claims_gr"]
        if one["paid_gr"] - overpaid != one["due_gr"]:
            yield f"{name}: {one['paid_gr']} gr paid, {overpaid} gr of it too much, {one['due_gr']} gr due"
