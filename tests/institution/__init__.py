"""Tests of institution."""
