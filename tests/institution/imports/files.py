"""Files that an office's other system might write, and sending them."""

from collections.abc import Sequence
from typing import Any

from shared.institution.operations.imports.running import work_once
from tests.builders import Office, pesel

REGISTER = (
    "NR_EWIDENCYJNY;PESEL;NAZWISKO;IMIONA;NR_SPRAWY;DATA_REJESTRACJI;DATA_WYLACZENIA;PRZYCZYNA_WYLACZENIA;"
    "KWOTA_NETTO;ZASILEK_OD;ZASILEK_DO;UWAGI"
)
FORMS = "TYP;ID_OSOBY;PESEL;NAZWISKO;IMIONA;NR_SPRAWY;KOD;OD;DO;GODZINY;KWOTA;STAN;NR_DECYZJI;POZOSTAJE"


def person(number: int, surname: str = "Żółć", **cells: str) -> str:
    """A line of the register."""
    values = {
        "NR_EWIDENCYJNY": f"EW/{number}",
        "PESEL": pesel(number),
        "NAZWISKO": surname,
        "IMIONA": "Łucja",
        "NR_SPRAWY": f"CAZ.{number}",
        "DATA_REJESTRACJI": "1.03.2026",
    }
    return line(REGISTER, values | cells)


def osoba(number: int, **cells: str) -> str:
    """A line of the other layout that is a client."""
    values = {"TYP": "OSOBA", "ID_OSOBY": str(number), "PESEL": pesel(number), "NAZWISKO": "Śliwa", "IMIONA": "Ewa"}
    return line(FORMS, values | {"NR_SPRAWY": f"K.{number}"} | cells)


def forma(number: int, **cells: str) -> str:
    """A line of the other layout that is a form of support."""
    values = {"TYP": "FORMA", "ID_OSOBY": str(number), "KOD": "OPS-ZCE", "OD": "02.03.2026", "KWOTA": "1 230,50"}
    return line(FORMS, values | cells)


def line(header: str, values: dict[str, str]) -> str:
    names = header.split(";")
    assert values.keys() <= set(names), values.keys() - set(names)
    return ";".join(values.get(name, "") for name in names)


def text(header: str, lines: Sequence[str]) -> str:
    return "\r\n".join([header, *lines]) + "\r\n"


async def send(
    office: Office, content: bytes, name: str, *, dry_run: bool = False, media: str = "text/csv", status: int = 202
) -> Any:
    """Send a file and return the answer."""
    answer = await office.http.post(
        f"/v1/imports?map={name}&dry_run={str(dry_run).lower()}", content=content, headers={"Content-Type": media}
    )
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.json()


async def run(office: Office, content: bytes, name: str, *, dry_run: bool = False, media: str = "text/csv") -> Any:
    """Send a file, work on it to its end, and return the import."""
    sent = await send(office, content, name, dry_run=dry_run, media=media)
    await work(office)
    return await office.get(f"/v1/imports/{sent['id']}")


async def work(office: Office) -> None:
    async def may_go_on() -> bool:
        return True

    while await work_once(office.node, may_go_on):
        pass


async def register(office: Office, *lines: str, dry_run: bool = False) -> Any:
    """Import lines of the register, which is written in CP1250."""
    return await run(office, text(REGISTER, lines).encode("cp1250"), "rejestr-bezrobotnych", dry_run=dry_run)


async def forms(office: Office, *lines: str, dry_run: bool = False) -> Any:
    """Import lines of the other layout, which is written in UTF-8."""
    return await run(office, text(FORMS, lines).encode(), "formy-wsparcia", dry_run=dry_run)


async def lines_of(office: Office, job: Any) -> list[Any]:
    """What became of every line."""
    found: list[Any] = []
    after = 0
    while True:
        page = await office.get(f"/v1/imports/{job['id']}/lines?after={after}")
        found += page["items"]
        if page["next"] is None:
            return found
        after = page["next"]


async def rejects_of(office: Office, job: Any) -> bytes:
    answer = await office.http.get(f"/v1/imports/{job['id']}/rejects")
    assert answer.status_code == 200
    return answer.content


def counts(job: Any) -> tuple[int, int, int, int]:
    """Created, amended, unchanged, refused."""
    assert job["state"] == "done", job
    return job["created"], job["amended"], job["unchanged"], job["refused"]
