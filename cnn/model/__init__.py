"""Architectures as data, the Keras models built from them, saved models, and pretrained bases."""

from cnn.jobs.kinds import register

register("weights", "cnn.model.mobilenet_weights:run_job")
register("export", "cnn.model.exchange.formats:run_job")
register("admit", "cnn.model.exchange.admission:run_job")
register("inspect", "cnn.model.exchange.foreign:run_inspect_job")
register("keep", "cnn.model.exchange.foreign:run_keep_job")
register("measure", "cnn.model.exchange.foreign:run_measure_job")
# The kind's name in version 0.1: such a job may still be queued.
register("cnn.model.admission:run_job", "cnn.model.exchange.admission:run_job")
