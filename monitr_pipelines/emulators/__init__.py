"""Invented companies and their books, for the demo, the tests and the benchmarks; no customer's data."""
