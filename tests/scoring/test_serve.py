"""The server as it is started: its web processes count tries together, come back when they die, and stop with it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scoring.counters import FileCounters, ProcessCounters

ROOT = Path(__file__).resolve().parent.parent.parent


def test_tries_are_counted_across_processes_and_forgotten_in_time(tmp_path, monkeypatch):
    one, other = (FileCounters(FileCounters.address(tmp_path / "tries.sqlite")) for _ in range(2))
    assert [one.incr("ana", 60), other.incr("ana", 60), one.incr("ben", 60, amount=3)] == [1, 2, 3]
    assert (other.get("ana"), other.get("nobody"), other.check()) == (2, 0, True)
    later = one.get_expiry("ana") + 1
    monkeypatch.setattr("scoring.counters.time.time", lambda: later)
    assert one.get("ana") == 0
    assert other.incr("ana", 60) == 1
    one.clear("ana")
    assert one.get("ana") == 0
    assert other.reset() == 0


def test_one_process_counts_for_itself(monkeypatch):
    store = ProcessCounters("process://")
    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(lambda _: store.incr("ana", 60), range(400)))
    assert counts == list(range(1, 401)), "every try counts once, also when they come at the same moment"
    later = store.get_expiry("ana") + 1
    monkeypatch.setattr("scoring.counters.time.time", lambda: later)
    assert (store.get("ana"), store.incr("ana", 60), store.check()) == (0, 1, True)
    monkeypatch.setattr(store, "MOST", 0)
    store.incr("ben", 60)
    store.clear("ben")
    assert (store.get("ben"), store.reset(), store.get("ana")) == (0, 1, 0)


@pytest.fixture
def server(tmp_path):
    """A real server with two web processes and a worker, on an empty database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"INSTANCE_PATH": str(tmp_path / "instance"), "DATABASE_URL": ""}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run([*flask, "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True)
    process = subprocess.Popen(
        [*flask, "serve", "--port", str(port), "--processes", "2"], cwd=ROOT, env=environment
    )
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def children(process):
    """Pids of the server's own processes, read from the system."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def is_well(url):
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as reply:
            return reply.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def is_alive(pid):
    """Whether a process still runs; one that ended and was not yet cleared away does not."""
    try:
        return re.search(r"^State:\s+[ZX]", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE) is None
    except OSError:
        return False


def test_what_dies_comes_back_and_all_stop_together(server):
    process, url = server
    until(lambda: is_well(url))
    first = children(process)
    assert len(first) == 3
    os.kill(first[0], signal.SIGKILL)
    until(lambda: len(children(process)) == 3 and first[0] not in children(process))
    until(lambda: is_well(url))
    last = children(process)
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert not any(is_alive(pid) for pid in last)


def test_children_do_not_outlive_a_server_that_was_killed(server):
    process, url = server
    until(lambda: is_well(url))
    orphans = children(process)
    process.kill()
    until(lambda: not any(is_alive(pid) for pid in orphans))
