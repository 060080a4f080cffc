"""Problems (RFC 9457): every error leaves a service as one, under ``urn:zwornik:problem:<name>``."""
