"""Images that come with the app: data sets made on this machine, sample photos, and drawings."""
