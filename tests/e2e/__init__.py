"""A package, so that the server and the browser its tests share end with the last of them."""
