"""The parts of an image that a prediction rests on."""
