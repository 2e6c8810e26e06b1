"""Fetching data sets from the internet."""
