"""Convnet Lab's model package: everything that the app does, without the browser.

Data flows one way: ``data`` -> ``model`` -> ``training`` -> ``analysis``; ``figures`` takes plain arrays.
"""
