"""Charts and pictures: arrays in, a chart or an image out."""
