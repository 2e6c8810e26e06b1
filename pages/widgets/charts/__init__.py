"""Numbers as pictures: charts that are drawn once, and bars of probabilities."""
