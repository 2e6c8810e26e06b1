"""Timings beside the tutorial's recipe and beside peers, each pair in one run: ``python -m benchmarks [NAME ...]``."""
