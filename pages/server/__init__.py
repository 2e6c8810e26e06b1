"""What the server does besides serving pages: startup and shutdown, cookies and headers, sockets."""
