"""Tests of the degressive benefit: worked cases, properties, a slow oracle, and each refusal."""
