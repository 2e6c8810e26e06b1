"""Data sets: the catalogue, downloading, storage on disk, and augmentation."""

from cnn.jobs.kinds import register

register("prepare", "cnn.data.catalog:run_job")
register("bring", "cnn.data.own.importer:run_job")
