"""The server's listening sockets."""

import os
import socket

import psutil


def disable_nagle() -> None:
    """Send data to visitors at once instead of waiting for acknowledgements (Nagle's algorithm).

    Streamlit 1.67 opens its socket without naming the protocol, and asyncio disables Nagle's algorithm only for sockets
    declared as TCP. Browsers delay the acknowledgement of small packets by 40 ms, so every response in two parts, such
    as a file's headers and body, took that long; a page is a hundred of them. Connections inherit the option from the
    listening socket.

    Source: RFC 896; ``asyncio.base_events._set_nodelay``.
    """
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN:
            with socket.socket(fileno=os.dup(connection.fd)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
