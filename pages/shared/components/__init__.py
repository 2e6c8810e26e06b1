"""Parts of pages that run in the browser: JavaScript beside its Python, registered once each."""
