"""A limit for a whole exchange, which no timeout for a single read can give: a server may send a byte now and then."""

from __future__ import annotations

import threading
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Any


class Stopwatch:
    """Runs while an exchange does, and cuts its connections when the time is over."""

    def __init__(self, seconds: float) -> None:
        """Not running yet.

        Args:
            seconds: How long the exchange may take.
        """
        self.is_over = False
        self._sockets: list[socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> Stopwatch:
        """Start."""
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; nothing is cut any more."""
        self._timer.cancel()
        with self._lock:
            self._sockets.clear()

    def trace(self, event: str, details: dict[str, Any]) -> None:
        """Hear of every connection that the exchange makes; the client calls this with each step it takes."""
        stream = details.get("return_value")
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")) and stream is not None:
            connection = stream.get_extra_info("socket")
            with self._lock:
                self._sockets.append(connection)
            if self.is_over:
                self.cut()

    def cut(self) -> None:
        """End the exchange: whoever reads or writes finds its connection closed."""
        with self._lock:
            self.is_over = True
            for connection in self._sockets:
                try:
                    # Beneath TLS, which would first want to say goodbye.
                    socket.shutdown(connection, SHUT_RDWR)
                except OSError:
                    continue  # it was closed already
