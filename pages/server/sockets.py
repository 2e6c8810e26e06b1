"""The sockets on which this server listens."""

import os
import socket

import psutil


def send_at_once() -> None:
    """Let what is written to a visitor leave at once, not when the visitor has confirmed what came before.

    Streamlit 1.67 opens its socket without naming the protocol, and asyncio turns Nagle's algorithm off only where it
    is named TCP. A browser confirms small packets after 40 ms, so each answer of two parts, as a file's head and body,
    took as long; a page is a hundred of them. Connections inherit the option from the socket that accepts them.

    Source: RFC 896; ``asyncio.base_events._set_nodelay``.
    """
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN:
            with socket.socket(fileno=os.dup(connection.fd)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
