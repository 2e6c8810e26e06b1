"""The Explanations page: occlusion, heatmaps and the sanity check."""
