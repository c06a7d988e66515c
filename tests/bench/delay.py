# SPDX-License-Identifier: GPL-3.0-or-later
"""A cable of a given length: passes TCP on, each byte half a round trip later, without a limit on throughput.

    with Delay(port, 0.050) as cable: connect to 127.0.0.1, cable.port

What waits is bounded by the kernel's buffers of the sender only up to WAITING_MAX bytes a direction. Connecting costs one
round trip more, as the handshake of TCP would."""
import collections
import socket
import threading
import time

WAITING_MAX = 8 * 1024 * 1024
PIECE = 256 * 1024


class Pipe:
    """One direction: what was read leaves when it is due."""

    def __init__(self, source, sink, delay):
        self.source, self.sink, self.delay = source, sink, delay
        self.waiting, self.size = collections.deque(), 0
        self.changed = threading.Condition()
        for work in (self.read, self.write):
            threading.Thread(target=work, daemon=True).start()

    def put(self, piece):
        with self.changed:
            while self.size > WAITING_MAX:
                self.changed.wait()
            self.waiting.append((time.monotonic() + self.delay, piece))
            self.size += len(piece)
            self.changed.notify_all()

    def read(self):
        try:
            while piece := self.source.recv(PIECE):
                self.put(piece)
        except OSError:
            pass
        self.put(b"")

    def write(self):
        while True:
            with self.changed:
                while not self.waiting:
                    self.changed.wait()
                due, piece = self.waiting[0]
            time.sleep(max(0.0, due - time.monotonic()))
            with self.changed:
                self.waiting.popleft()
                self.size -= len(piece)
                self.changed.notify_all()
            try:
                if not piece:
                    self.sink.shutdown(socket.SHUT_WR)
                    return
                self.sink.sendall(piece)
            except OSError:
                return


class Delay:
    def __init__(self, port, round_trip):
        self.to, self.round_trip = port, round_trip
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        time.sleep(self.round_trip)
        server = socket.create_connection(("127.0.0.1", self.to))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Pipe(client, server, self.round_trip / 2)
        Pipe(server, client, self.round_trip / 2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
