"""Training: a run's settings, the run itself (from scratch or on a pretrained base), and a diagnosis of its curves."""

from cnn.jobs.kinds import register

register("train", "cnn.training.fit:run_job", warm_up=True)
register("transfer", "cnn.training.transfer_fit:run_job")
