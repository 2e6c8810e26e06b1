"""Everything that pages show as Keras code, generated from the current settings."""
