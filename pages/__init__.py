"""The user interface: one file per page, and the packages that pages are built from.

``lessons`` holds code for a single page, ``widgets`` code that several pages share, ``shell`` code for every page,
``components`` code that runs in the browser, ``server`` the server's own. No module that a page imports may import
TensorFlow at module level: it would delay the first paint.
"""
