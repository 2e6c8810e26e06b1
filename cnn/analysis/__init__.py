"""Looking inside a network: its numbers, what its answers rest on, how good they are, and how it came to be."""

from cnn.jobs.kinds import register

register("study", "cnn.analysis.studies:run_job")
