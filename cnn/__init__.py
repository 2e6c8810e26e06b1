"""Convnet Lab's model package: everything the app does, without a browser.

Data flows one way: ``data`` -> ``model`` -> ``training`` -> ``analysis``; ``figures`` takes plain arrays.
"""
