"""What the server does beside serving pages: start and stop, cookies and headers, sockets."""
