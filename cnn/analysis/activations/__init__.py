"""What the layers of a network make of an image, and where their numbers come from."""
