"""What pages say about how good a network is."""
