"""Here so that no other package called tests, as some install one, comes before it."""
