"""A post office for the demo: takes every letter, sends none on, keeps the latest to read."""

import socketserver
import threading
from pathlib import Path

KEPT = 200
_LONGEST_LINE = 100_000


class Post:
    """Listens on 127.0.0.1 in threads of its own until the process ends."""

    def __init__(self, port: int, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._server = _Server(("127.0.0.1", port), _Talk)
        self._server.folder = folder
        self.port = int(self._server.server_address[1])

    def start(self) -> None:
        """Take letters from now on."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    folder: Path

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # address and class, as it wants them
        self._turn = threading.Lock()

    def keep(self, letter: bytes) -> None:
        """Write a letter, and remove the oldest when there are too many."""
        with self._turn:
            listed = sorted(self.folder.glob("*.eml"))
            for old in listed[: max(0, len(listed) - KEPT + 1)]:
                old.unlink(missing_ok=True)
            last = int(listed[-1].stem) if listed and listed[-1].stem.isdecimal() else 0
            (self.folder / f"{last + 1:06}.eml").write_bytes(letter)


class _Talk(socketserver.StreamRequestHandler):
    """One connection, with as much SMTP as our own worker speaks."""

    server: _Server
    timeout = 30.0

    def handle(self) -> None:
        """Talk until the other side has nothing more to say."""
        try:
            self._talk()
        except OSError:
            return  # it has hung up

    def _talk(self) -> None:
        self._say("220 demo")
        while line := self.rfile.readline(_LONGEST_LINE):
            match line[:4].upper().strip():
                case b"EHLO" | b"HELO":
                    self._say("250-demo\r\n250 8BITMIME")
                case b"DATA":
                    self._say("354 go on")
                    self.server.keep(b"".join(self._letter()))
                    self._say("250 kept, not sent on")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    def _letter(self) -> list[bytes]:
        lines: list[bytes] = []
        while (line := self.rfile.readline(_LONGEST_LINE)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return lines

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
