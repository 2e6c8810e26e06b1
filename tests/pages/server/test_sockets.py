import socket

from pages.server.sockets import disable_nagle


def test_nagle_is_disabled_for_a_socket_opened_like_streamlits():
    with socket.socket(family=socket.AF_INET) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()) as visitor, listening.accept()[0] as before:
            assert not before.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        disable_nagle()
        with socket.create_connection(listening.getsockname()) as visitor, listening.accept()[0] as after:
            assert after.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            after.sendall(b"still open")
            assert visitor.recv(10) == b"still open"
        with socket.create_connection(listening.getsockname()):
            pass  # the listening socket is still open
