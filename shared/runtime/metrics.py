"""Metrics for Prometheus: a registry a node, no labels that could name a person."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30)


class Metrics:
    """What a node counts."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "zwornik_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "zwornik_request_seconds", "Time to answer.", ["route"], buckets=_BUCKETS, registry=registry
        )
        self.lag = Gauge("zwornik_stream_lag", "Entries not yet acknowledged.", ["owner", "peer"], registry=registry)
        self.lane_up = Gauge("zwornik_lane_up", "1 while a lane works, 0 while it stands.", ["lane"], registry=registry)
        self.key_days = Gauge("zwornik_key_days", "Days that an owner's last key holds.", ["owner"], registry=registry)
        self.untold = Gauge(
            "zwornik_match_key_untold", "Clients not told by the next match key.", ["owner"], registry=registry
        )
        self.forks = Counter("zwornik_forks", "Forks of streams found.", ["owner", "peer"], registry=registry)
        self.sets = Counter("zwornik_sets", "SETs by what became of them.", ["outcome"], registry=registry)
        self.cut = Counter("zwornik_connections_cut", "Connections cut, by cause.", ["cause"], registry=registry)
        self.failures = Counter("zwornik_worker_failures", "Failed rounds of a worker.", ["lane"], registry=registry)

    def response(self) -> Response:
        """Return the text that Prometheus scrapes."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
