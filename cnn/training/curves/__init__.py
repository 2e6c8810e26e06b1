"""Statistics of a run's curves: what in them is a trend, and what is noise."""
