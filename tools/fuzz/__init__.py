"""Odd input for everything that reads what a visitor sends, or what lies on disk: files, addresses, widgets."""
