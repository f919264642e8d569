"""A scale that is none: answers as a real one does and lies under whatever load it is told to."""

from socketserver import StreamRequestHandler, ThreadingTCPServer

_DYNAMIC, _OVERLOAD = b"S I\r\n", b"S +\r\n"
_UNKNOWN = b"ES\r\n"
# As the plate of an ordinary counter scale says.
_MOST_G = 6000.0


class SimulatedScale(ThreadingTCPServer):
    """A scale on a TCP port.

    Args:
        host: To listen at.
        port: 0 for any that is free; `server_address` tells which.
        load_g: What lies on it.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1", port: int = 0, load_g: float = 0.0) -> None:
        super().__init__((host, port), _Conversation)
        self.load_g = load_g
        self.tare_g = 0.0
        self.is_moving = False

    def answer(self, command: str) -> bytes:
        """What it says to a command.

        Args:
            command: A line, without its end.

        Returns:
            A line.
        """
        match command.strip():
            case "S" if self.is_moving:
                return _DYNAMIC
            case "S" | "SI" if self.load_g > _MOST_G:
                return _OVERLOAD
            case "S" | "SI":
                return self._weight("D" if self.is_moving else "S")
            case "T":
                self.tare_g = self.load_g
                return f"T S {self.tare_g:10.2f} g\r\n".encode()
            case "Z":
                self.load_g = self.tare_g = 0.0
                return b"Z A\r\n"
        return _UNKNOWN

    def _weight(self, state: str) -> bytes:
        return f"S {state} {self.load_g - self.tare_g:10.2f} g\r\n".encode()


class _Conversation(StreamRequestHandler):
    """One who asks."""

    server: SimulatedScale

    def handle(self) -> None:
        """Answer line by line until they go."""
        for line in self.rfile:
            self.wfile.write(self.server.answer(line.decode("ascii", "replace")))
