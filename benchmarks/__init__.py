"""Timings compared with the tutorial's recipe and with other tools in one run: ``python -m benchmarks [NAME ...]``."""
