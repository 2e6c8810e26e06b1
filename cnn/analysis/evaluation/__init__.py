"""How good the predictions of a network are, and how two networks compare."""
