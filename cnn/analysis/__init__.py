"""Analysis of a trained network: its activations, what its predictions rest on, how good they are, how it learned."""

from cnn.jobs.kinds import register

register("study", "cnn.analysis.studies:run_job")
