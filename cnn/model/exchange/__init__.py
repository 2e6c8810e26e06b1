"""Exporting models, also to other formats, and importing models from elsewhere."""
