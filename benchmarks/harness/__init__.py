"""Shared by the benchmarks: alternating processes, visitors, data folders, and printed results."""
