"""The menu "More" beside a page's title, and what its entries open."""
