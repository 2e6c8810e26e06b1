"""The arithmetic of a window that slides over an image."""
