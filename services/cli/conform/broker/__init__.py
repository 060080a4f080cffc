"""The kit plays the broker: a node of the vendor's is pointed at it, and meets true and false answers."""
