"""Faults done to a running server: processes that are killed, disks that are full, clocks that jump, damaged files."""
