"""Images: which data sets there are, how they come here and lie on disk, and how they are varied."""

from cnn.jobs.kinds import register

register("prepare", "cnn.data.catalog:run_job")
register("bring", "cnn.data.own.importer:run_job")
