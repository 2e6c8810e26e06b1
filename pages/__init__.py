"""The browser side: one file a page, and in ``shared`` what pages have in common."""
