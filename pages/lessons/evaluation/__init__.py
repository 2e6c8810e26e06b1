"""The Evaluation page: a module for each of its questions."""
