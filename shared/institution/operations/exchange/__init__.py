"""The two streams to and from the broker: writing, pushing, polling, applying, recovering."""
