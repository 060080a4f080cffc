"""The conformance kit (*zestaw zgodności*): plays one side of the wire and says what the other side does wrong."""
