"""Visitors' own images as data sets."""
