"""The Evaluation page: one module per question."""
