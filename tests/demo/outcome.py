"""The outcome of a run that must not depend on who was killed when: the report, and each joint client's history."""

from typing import Any

import httpx2

from tests.demo.running import Demo, client

_TIMES = {"latency_ms", "seconds"}


def figures(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what a clock decides."""
    return {name: value for name, value in report.items() if name not in _TIMES}


def histories(demo: Demo) -> dict[str, Any]:
    """Each joint client's merged view at each office, by office and PESEL, without ids and times."""
    views = {}
    for name, endpoint in demo.endpoints.items():
        if name == "broker":
            continue
        with client(endpoint) as office:
            for one in _clients(office):
                if one["joint"]:
                    view = office.get(f"/v1/clients/{one['id']}/merged-view").raise_for_status().json()
                    views[f"{name} {one['pesel']}"] = _bare_view(view)
    return views


def _clients(office: httpx2.Client) -> list[dict[str, Any]]:
    found, after = [], ""
    while after is not None:
        page = office.get("/v1/clients", params={"after": after, "limit": 500}).raise_for_status().json()
        found += page["items"]
        after = page["next"]
    return found


def _bare_view(view: dict[str, Any]) -> dict[str, Any]:
    entries = [_bare_entry(entry) for entry in view["entries"]]
    rest = {name: value for name, value in view.items() if name not in ("client_id", "as_of", "entries")}
    return rest | {"entries": sorted(entries, key=str)}


def _bare_entry(entry: dict[str, Any]) -> dict[str, Any]:
    payload = {name: value for name, value in entry["payload"].items() if not name.endswith("_id")}
    return {name: value for name, value in entry.items() if name != "id"} | {"payload": payload}
