"""Metrics: a registry a node, in Prometheus' format, with labels that can name nobody."""

from prometheus_client.parser import text_string_to_metric_families

from shared.runtime.metrics import Metrics
from tests.runtime.builders import bare_app, raw_call

LABELS = {"method", "route", "status", "owner", "peer", "lane", "outcome", "le"}
"""Names of labels whose values are ours: routes, statuses, ids of institutions, names of lanes."""


def used(metrics: Metrics) -> Metrics:
    metrics.requests.labels("GET", "/v1/clients/{client_id}", 200).inc()
    metrics.seconds.labels("/v1/clients/{client_id}").observe(0.02)
    metrics.lag.labels("pup-2478", "broker").set(3)
    metrics.lane_up.labels("push").set(1)
    metrics.sets.labels("kept").inc()
    metrics.failures.labels("relay").inc()
    return metrics


def test_no_label_can_hold_who_a_person_is() -> None:
    text = bytes(used(Metrics()).response().body).decode()
    families = list(text_string_to_metric_families(text))
    assert {name for family in families for sample in family.samples for name in sample.labels} <= LABELS
    assert {family.name for family in families} >= {"zwornik_requests", "zwornik_stream_lag", "zwornik_lane_up"}
    assert all(family.documentation.endswith(".") for family in families)


def test_two_nodes_of_one_process_count_apart() -> None:
    one, other = used(Metrics()), Metrics()
    assert 'lane="relay"' not in bytes(other.response().body).decode()
    assert 'zwornik_worker_failures_total{lane="relay"} 1.0' in bytes(one.response().body).decode()


async def test_metrics_are_served_as_prometheus_reads_them() -> None:
    app = bare_app(metrics=used(Metrics()))
    status, headers, body = await raw_call(app, "GET", "/metrics")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain")
    assert 'zwornik_stream_lag{owner="pup-2478",peer="broker"} 3.0' in body.decode()


async def test_a_service_is_ready_when_all_its_parts_are() -> None:
    status, headers, body = await raw_call(bare_app(), "GET", "/readyz")
    assert (status, body) == (200, b'{"ready":true,"checks":{"database":"ok"},"warnings":{}}')
    assert "retry-after" not in headers
    standing = bare_app(readiness={"database": "ok", "push": "stream-fork"})
    status, headers, body = await raw_call(standing, "GET", "/readyz")
    assert (status, headers["retry-after"]) == (503, "2")
    assert b'"push":"stream-fork"' in body
