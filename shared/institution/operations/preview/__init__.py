"""What a job would change, before it is taken (*symulacja*): from the office's merged view, storing nothing."""

from shared.institution.operations.preview.asking import preview

__all__ = ["preview"]
