"""The activations of every layer for an image, and how each number is computed."""
