"""The strip of small images by which a visitor chooses what a network is shown, the same on all pages."""
