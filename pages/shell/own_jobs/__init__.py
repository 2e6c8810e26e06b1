"""The visitor's own jobs, on every page."""
