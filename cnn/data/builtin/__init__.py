"""Images that ship with the app: generated data sets, sample photos and drawings."""
