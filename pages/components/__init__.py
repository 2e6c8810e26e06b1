"""Parts of pages that run in the browser: each a folder of its Python, JavaScript and CSS, registered once."""
