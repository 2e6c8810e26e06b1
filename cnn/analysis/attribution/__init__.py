"""Which parts of an image an answer rests on."""
