"""Long-running work: a queue on disk, carried out by Dask. It knows no kind of job by name."""
