"""The Explanations page."""
