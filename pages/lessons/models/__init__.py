"""The Models page: what a model looks like inside, export and import."""
