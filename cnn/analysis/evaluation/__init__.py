"""How good the answers of a network are, and how two networks compare."""
