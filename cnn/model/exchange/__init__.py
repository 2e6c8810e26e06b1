"""Models that leave this app, in other formats, and models that come from elsewhere."""
