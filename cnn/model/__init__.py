"""Networks: their layers as data, the Keras models built of them, saved models, and pretrained bases."""

from cnn.jobs.kinds import register

register("weights", "cnn.model.mobilenet_weights:run_job")
register("export", "cnn.model.exchange.formats:run_job")
register("admit", "cnn.model.exchange.admission:run_job")
# What version 0.1 called it: such a job may still lie in a queue.
register("cnn.model.admission:run_job", "cnn.model.exchange.admission:run_job")
