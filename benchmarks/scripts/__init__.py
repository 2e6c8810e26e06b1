"""The recipes of the tutorial as plain Keras scripts, each run in a process of its own."""
