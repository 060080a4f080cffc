"""What the demo prints: a progress bar on the long part, then what happened, then one person's story."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.demo.caller import Caller
from services.cli.demo.people.people import Person
from shared.domain.money import in_zloty


class Steps:
    """A progress bar a step."""

    def __init__(self, console: Console) -> None:
        self.bars = Progress(
            TextColumn("{task.description:<52}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._now: TaskID | None = None

    def step(self, text: str, total: int) -> None:
        """Begin a step."""
        self.finish()
        self._now = self.bars.add_task(text, total=total)

    def done(self, count: int) -> None:
        """Move the bar of the step."""
        if self._now is not None:
            self.bars.advance(self._now, count)

    def finish(self) -> None:
        """End the step: its bar stands."""
        if self._now is not None:
            self.bars.update(self._now, completed=self.bars.tasks[self._now].total)
            self.bars.stop_task(self._now)


def outcome(console: Console, report: Mapping[str, Any], *, memory_mib: float | None) -> None:
    """Print the figures of a run."""
    people, joint, events = report["people"], report["joint_clients"], report["events"]
    benefit, latency = report["assessments"], report["latency_ms"]
    table = Table("what happened", "measured", title="The federation after this run", title_justify="left")
    table.add_row("institutions", str(report["institutions"]))
    one_office = f"{people['one_office']} known to one office only"
    arms = f"{people['recipients']} recipients, {people['comparison']} in comparison"
    table.add_row("people", f"{people['total']}: {arms}, {one_office}")
    table.add_row("joint clients", f"{joint['found']} found of {joint['expected']} expected, {joint['false']} false")
    table.add_row("suspected matches", str(report["suspected"]))
    table.add_row(
        "shared events", f"{events['disclosed']} signed, {events['relayed']} relayed, {events['applied']} applied"
    )
    table.add_row("lost, dead letters", f"{events['lost']}, {events['dead_letters']}")
    table.add_row("checkpoints equal at both ends", "yes" if report["checkpoints_equal"] else "NO")
    table.add_row(
        "assessments", f"{benefit['made']} made, {benefit['decided']} decided, {benefit['corrected']} corrected"
    )
    for text, measured in _decided(report):
        table.add_row(text, measured)
    table.add_row("newest schedules in all", in_zloty(benefit["total_gr"]))
    table.add_row("from write to arrival", f"p50 {latency['p50']} ms, p99 {latency['p99']} ms (bulk loads included)")
    if memory_mib is not None:
        table.add_row("memory of all processes (PSS)", f"{memory_mib:.0f} MiB")
    table.add_row("time", f"{report['seconds']:.1f} s")
    console.print(table)


def _decided(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what officials decided and read, and whether the books agree, as lines of a table."""
    decisions, explained, books = report["decisions"], report["explained"], report["books"]
    taken, undone = decisions["taken_over"], decisions["left_undone"]
    yield "corrections, after a hearing", f"{taken} taken over, {undone} left undone"
    won, lost = decisions["changed"], decisions["upheld"]
    yield "appeals", f"{decisions['appealed']}: {won} won, {lost} dismissed"
    yield "schedules read with a reason", f"{explained['schedules']}, {explained['months']} months, each with its own"
    yield "entries in the books", f"{books['entries']}, {books['corrections']} of them corrections"
    same = "yes" if not books["differing"] else f"NO, {books['differing']} differ"
    yield "books equal at every office", f"{same} ({books['cells']} amounts by case, month and payer)"
    decided = "yes" if not books["not_as_decided"] else f"NO, {books['not_as_decided']} cases are not"
    yield "books as they were decided", decided
    payments = report["payments"]
    yield "payable lists", f"{payments['lists']} paid, {payments['lines']} lines"
    yield "the same lines booked again", f"{payments['booked_again']}, {payments['changed_by_it']} changed by it"


def refusals(console: Console, refused: list[dict[str, Any]], too_early: Mapping[str, Any] | None) -> None:
    """Print what was refused, and why."""
    table = Table("where", "problem", "detail", title="Refused, as it should be", title_justify="left")
    for one in refused:
        table.add_row(one["institution"], one["type"].rpartition(":")[2], one["detail"])
    if too_early:
        table.add_row(
            "decision before the late centre told", too_early.get("type", "").rpartition(":")[2], too_early["detail"]
        )
    console.print(table)


async def story(console: Console, office: Caller, person: Person) -> None:
    """Print one person's merged history and explained schedule, as an official of the labour office sees them."""
    client_id = office.ids[person.pesel]
    view = await office.get(f"/v1/clients/{client_id}/merged-view")
    table = Table(
        "from", "until", "office", "what", "amount",
        title=f"One person's merged history at {office.place.id} (names are never shown here)", title_justify="left",
    )  # fmt: skip
    for entry in view["entries"]:
        table.add_row(
            entry["from"], entry["until"] or "", entry["iss"], _what(entry), _amount(entry["payload"]),
            style="" if entry["iss"] == office.place.id else "cyan",
        )  # fmt: skip
    console.print(table)
    benefit = await office.get(f"/v1/clients/{client_id}/degressive-benefit")
    schedule = Table(
        "month", "amount", "codes", "who pays", "why",
        title=f"The degressive benefit, {benefit['state']}", title_justify="left", show_lines=True,
    )  # fmt: skip
    for month in benefit["months"]:
        shares = "\n".join(f"{owner} {in_zloty(share)}" for owner, share in month["shares_gr"].items())
        schedule.add_row(
            month["month"], in_zloty(month["amount_gr"]), month["codes"], shares, month["explanation"] or ""
        )
    console.print(schedule)
    console.print(benefit["summary"] or "")
    console.print(
        f"recomputed at the office from its own records: {'the same' if benefit['recomputed'] else 'DIFFERS'}"
    )
    console.print(f"counts as income: {benefit['counts_as_income']}")


def addresses(console: Console, endpoints: Mapping[str, Mapping[str, str]]) -> None:
    """Print where everything can be reached while the demo is kept running."""
    table = Table("id", "url", "OpenAPI", title="Running until Ctrl-C", title_justify="left")
    for name, one in endpoints.items():
        table.add_row(name, one["url"], one["openapi"])
    console.print(table)
    for name, one in endpoints.items():
        console.print(f"{name}: {one['token']}", soft_wrap=True, highlight=False)


def _what(entry: Mapping[str, Any]) -> str:
    name = f" {entry['name_pl']}" if entry["name_pl"] else ""
    return f"{entry['record'].replace('_', ' ')}: {entry['code'] or ''}{name}" if entry["code"] else entry["record"]


def _amount(payload: Mapping[str, Any]) -> str:
    for name in ("monthly_net", "monthly_net_gr", "net", "amount", "amount_gr"):
        if isinstance(payload.get(name), int):
            return in_zloty(payload[name])
    return ""
