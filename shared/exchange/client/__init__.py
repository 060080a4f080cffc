"""The one place that makes HTTP calls: to the broker under a proof, to a local API under a bearer token."""
