"""The browser side: one file a page, and below it the rooms they are built from.

``lessons`` holds what serves one page, ``widgets`` what several use, ``shell`` what every page has, ``components`` what
runs in the browser, ``server`` what the server does. No module that a page imports may import TensorFlow at its top: it
would stand before the first paint.
"""
