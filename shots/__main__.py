"""`python -m shots [--to FOLDER]`: start a demo, wait for its first breach, take the pictures.

The demo has a data directory of its own; everything that was started ends.
"""

import argparse
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import chromium
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

from shots.smaller import smaller

CONSOLE = Console(width=110)
ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 250_000
_WIDE, _NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# The first promise breaks 40 s after the curtain rises, and 8 s later the second line takes over.
_READY_S, _BREACH_MS = 300.0, 75_000


@dataclass
class Demo:
    """A running demo: where it is, who may look at it, and what it has said."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Write down what it says until it ends."""
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    def said(self, pattern: str, *, within: float = 0.0) -> str:
        """Return what stands for the group of a pattern in what it said, or is about to say."""
        until = time.monotonic() + within
        while True:
            for line in list(self.lines):
                if found := re.search(pattern, line):
                    return found[1]
            if time.monotonic() > until or self.process.poll() is not None:
                raise LookupError(f"it never said {pattern!r}:\n" + "\n".join(self.lines))
            time.sleep(0.1)


@contextmanager
def demo() -> Iterator[Demo]:
    """Start a demo and wait until it is ready."""
    port, live = _free_ports()
    folder = Path(tempfile.mkdtemp(prefix="tocsin-shots-"))
    # Its PostgreSQL runs as another user when this runs as root.
    folder.chmod(0o755)
    ports = ["--port", str(port), "--live-port", str(live)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "demo", "--data", str(folder / "demo"), *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )
    made = Demo(process, port)
    listener = threading.Thread(target=made.listen, daemon=True)
    listener.start()
    try:
        made.said(r"(Ctrl-C stops it)", within=_READY_S)
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        listener.join(5)
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


class Photographer:
    """Takes pictures of one company as people who are signed in see it."""

    def __init__(self, browser: Browser, made: Demo, to: Path) -> None:
        self._browser, self._to = browser, to
        self._blank = browser.new_page()
        self._base = f"http://127.0.0.1:{made.port}/t/granvik/"
        self._password = made.said(r"password of all of them: (\S+)")
        self._people: dict[str, Any] = {}

    @property
    def base(self) -> str:
        """The address of the company."""
        return self._base

    def page(self, who: str, **options: Any) -> Page:
        """Open a window of somebody, signed in."""
        usual: dict[str, Any] = {"viewport": _WIDE, "device_scale_factor": 1}
        known = self._people.get(who)
        context = self._browser.new_context(**usual | options, storage_state=known)
        page = context.new_page()
        if known is None:
            page.goto(f"{self._base}sign-in/")
            page.locator("[name=login]").fill(f"{who}@granvik.example")
            page.locator("[name=password]").fill(self._password)
            page.locator("form:has([name=password]) button").click()
            page.wait_for_selector("#live")
            self._people[who] = context.storage_state()
        return page

    def language(self, who: str, key: str) -> None:
        """Have somebody read in a language from now on."""
        page = self.page(who)
        page.goto(f"{self._base}queue/")
        page.locator("details.me summary").click()
        page.locator("select[name=language]").select_option(key)
        page.locator("details.me form button").first.click()
        page.wait_for_selector(f"html[lang={key}]")
        page.context.close()

    def take(
        self,
        name: str,
        path: str,
        *,
        who: str = "elsa",
        prepare: Callable[[Page], None] | None = None,
        **options: Any,
    ) -> None:
        """Take one picture; one that is too large for a repository fails."""
        page = self.page(who, **options)
        page.goto(f"{self._base}{path}")
        page.wait_for_selector("#live[data-s=on]", state="attached")
        if prepare is not None:
            prepare(page)
        page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished))")
        png = smaller(page.screenshot(), self._blank)
        page.context.close()
        file = self._to / f"{name}.png"
        file.write_bytes(png)
        CONSOLE.print(f"{file.name}  {len(png) / 1000:.0f} kB")
        if len(png) > MOST_BYTES:
            raise ValueError(f"{file} has {len(png):,} bytes; {MOST_BYTES:,} are the most")


def _why(page: Page) -> None:
    """Open the explanation of the clock that matters most."""
    page.locator(".t-clock summary").first.click()
    expect(page.locator(".strip").first).to_be_visible()


def breach(photographer: Photographer, made: Demo) -> int:
    """Watch the first promise break and its ticket escalate; return the ticket's number."""
    number = int(made.said(r"T-(\d+) .*watch it break", within=30))
    page = photographer.page("elsa")
    page.goto(f"{photographer.base}tickets/{number}/")
    page.wait_for_selector('.ticket[data-look="breached"]', timeout=_BREACH_MS)
    page.wait_for_selector(".t-head .level", timeout=_BREACH_MS)
    page.context.close()
    return number


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="python -m shots", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures", metavar="FOLDER")
    given = parser.parse_args()
    if chromium.path() is None:
        CONSOLE.print(chromium.MISSING)
        return 1
    given.to.mkdir(parents=True, exist_ok=True)
    with demo() as made, chromium.browser() as browser:
        photographer = Photographer(browser, made, given.to)
        photographer.language("elsa", "en")
        number = breach(photographer, made)
        take = photographer.take
        dark: dict[str, Any] = {"color_scheme": "dark"}
        take("hub-light", "hub/")
        take("board-light", "board/support/")
        take("ticket-light", f"tickets/{number}/", prepare=_why)
        take("compliance-light", "reports/compliance/")
        take("hub-dark", "hub/", **dark)
        take("board-dark", "board/support/", **dark)
        take("hub-narrow", "hub/", viewport=_NARROW)
        take("board-narrow", "board/support/", viewport=_NARROW)
        take("hub-sv", "hub/", who="karin")
        take("my-security-light", "my-security/")
        take("permission-sets-sv", "settings/permission-sets/", who="karin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
