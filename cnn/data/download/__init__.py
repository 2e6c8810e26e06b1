"""Downloading data sets from the internet."""
