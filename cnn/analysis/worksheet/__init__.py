"""Tasks to solve with a pencil, from the numbers of a trained network and one picture."""
