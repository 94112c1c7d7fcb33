"""Benchmarks: one module a4_*.py for each line A4 of the issue it proves, with `main(small: bool) -> int`."""
