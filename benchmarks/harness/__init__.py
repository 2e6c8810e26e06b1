"""What the benchmarks share: taking turns, visitors, data folders, and how a figure is printed."""
