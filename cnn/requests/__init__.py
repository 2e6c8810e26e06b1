"""What pages ask of the queue, one module a subject. Pages name no kind of job."""
