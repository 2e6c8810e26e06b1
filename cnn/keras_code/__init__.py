"""Generates the Keras code that pages show for the current settings."""
