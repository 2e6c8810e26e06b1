"""The Time machine page: a training run replayed epoch by epoch."""
