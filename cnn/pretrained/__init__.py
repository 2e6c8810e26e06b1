"""Small models trained by this project, each with a card; ``python -m cnn.pretrained`` trains them again."""
