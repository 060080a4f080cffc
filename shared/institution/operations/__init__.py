"""What an institution does, one use case a file."""
