"""Widgets that several lessons share."""
