"""What browsers upload: kept on disk, within limits that are asked before it is read."""
