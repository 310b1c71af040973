"""How many turns a second the queue answers: `python benchmarks/queue.py [--seconds 8] [--scorers 1 10 50 200]`.

A turn is what a scorer does: send the scores of one response and get the next one, in one call of the API, through
HTTP, on the server that `./run` starts, with every write on disk before it is acknowledged. Both databases are
measured, each in a folder of its own that is thrown away. `--url` and `--tokens` measure a server that runs already.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder: its queue.py would stand in the way of Python's own

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import random
import secrets
import socket
import subprocess
import tempfile
import threading
import time
from statistics import quantiles
from urllib.parse import urlsplit

from tests.databases import PostgreSQL


class Scorer:
    """One scorer with one open connection. Speaks HTTP by hand: what this side computes, the server can not."""

    def __init__(self, url, token):
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")
        self.headers = (
            f"Host: {address.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        )
        self.held = None

    def call(self, path, body, key=None):
        data = json.dumps(body)
        keyed = f"Idempotency-Key: {key}\r\n" if key else ""
        head = f"POST /api/v1{path} HTTP/1.1\r\n{self.headers}{keyed}Content-Length: {len(data)}\r\n\r\n"
        self.socket.sendall((head + data).encode())
        status, size = int(self.reader.readline().split()[1]), 0
        while (line := self.reader.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        return status, json.loads(self.reader.read(size)) if size else None

    def begin(self):
        status, reply = self.call("/reads/next", {"event": "LOAD"})
        if status not in {200, 204}:
            raise RuntimeError(f"The queue answered {status}: {reply}")
        self.held = reply["assignment"] if status == 200 else None

    def turn(self):
        """Score what is held and take the next; return how long the server took."""
        traits = self.held["rubric"]["traits"]
        scores = {trait["key"]: random.choice(trait["points"])["value"] for trait in traits}
        sent = {"assignment": self.held["id"], "scores": scores, "next": True}
        start = time.perf_counter()
        status, reply = self.call("/reads", sent, secrets.token_hex(16))
        took = time.perf_counter() - start
        if status != 201:
            raise RuntimeError(f"The queue answered {status}: {reply}")
        self.held = reply["next"]
        return took


def measure(url, tokens, seconds, answers):
    """Let these scorers take turns for some seconds, all starting together; put the times of their turns in `answers`."""
    taken, failed = [], []

    def score(token):
        try:
            scorer = Scorer(url, token)
            scorer.begin()
            everybody.wait()
            until = time.perf_counter() + seconds
            while scorer.held and time.perf_counter() < until:
                took = scorer.turn()
                if time.perf_counter() <= until:
                    taken.append(took)
        except Exception as error:
            everybody.abort()
            failed.append(repr(error))

    everybody = threading.Barrier(len(tokens))
    threads = [threading.Thread(target=score, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((taken, failed))


def report(name, url, tokens, counts, seconds):
    """Measure with so many scorers at once, and print one line for each."""
    for count in counts:
        answers = multiprocessing.Queue()
        process = multiprocessing.Process(target=measure, args=(url, tokens[:count], seconds, answers))
        process.start()
        taken, failed = answers.get(timeout=seconds + 120)
        process.join()
        if failed:
            raise SystemExit(f"{name}, {count} scorers: {len(failed)} failed, the first with {failed[0]}")
        p50, p95 = quantiles(taken, n=100)[49], quantiles(taken, n=100)[94]
        print(
            f"{name:<11} {count:>4} scorers  {len(taken) / seconds:7.1f} turns/s  "
            f"median {p50 * 1000:7.1f} ms  p95 {p95 * 1000:7.1f} ms  ({len(taken)} turns, 0 errors)",
            flush=True,
        )


@contextlib.contextmanager
def server(folder, database_url, size):
    """Set up a database with a LOAD event and serve it as `./run` does; yield its address and the tokens."""
    environment = os.environ | {"INSTANCE_PATH": str(folder / "instance"), "DATABASE_URL": database_url or ""}
    tokens = folder / "tokens"
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    load = ["demo", "load", "--responses", str(size.responses), "--scorers", str(max(size.scorers)),
            "--districts", "4", "--tokens", str(tokens)]  # fmt: skip
    for command in (["migrate"], load):
        subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment["RANGEFINDER_API_LIMIT"] = "1000000 per minute"
    process = subprocess.Popen([*flask, "serve", "--port", str(port)], cwd=ROOT, env=environment)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}", tokens.read_text().split()
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port):
    """Wait until the server answers."""
    for _ in range(100):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("The server did not start.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scorers", type=int, nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--responses", type=int, default=20_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--url", help="measure a server that runs already")
    parser.add_argument("--tokens", type=Path, help="its scorers' API tokens, one a line")
    size = parser.parse_args()
    if size.url:
        report("server", size.url, size.tokens.read_text().split(), size.scorers, size.seconds)
        return
    for name in size.databases:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rangefinder-queue-")))
            url = None
            if name == "postgresql":
                postgres = PostgreSQL(safe=True)
                stack.callback(postgres.stop)
                url = postgres.url("queue")
            report(name, *stack.enter_context(server(folder, url, size)), size.scorers, size.seconds)


if __name__ == "__main__":
    main()
