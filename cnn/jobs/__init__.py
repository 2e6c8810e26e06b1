"""Background jobs: a queue on disk, run by Dask workers. Nothing here names a kind of job."""
