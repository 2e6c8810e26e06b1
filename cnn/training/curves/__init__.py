"""What a run's curves mean: what in them is a trend and what is noise, and how to say it."""
