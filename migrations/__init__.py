"""Schema changes of the three services, in steps that go both ways."""
