"""Requests that pages make to the queue, one module per subject, so that no page names a kind of job."""
