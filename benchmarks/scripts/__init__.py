"""The tutorial's recipes as plain Keras scripts, each run in its own process."""
