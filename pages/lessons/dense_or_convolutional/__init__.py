"""The page *Dense or convolutional?*"""
