"""The page *Teach your own*."""
