"""Charts and pictures, made from arrays."""
