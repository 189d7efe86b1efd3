"""Benchmarks a user can run."""
