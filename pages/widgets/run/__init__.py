"""A training run on screen."""
