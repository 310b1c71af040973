"""E-mail: what goes out by each way, and what is said when it does not."""

import email
import email.policy
import smtplib
import socket
import threading
from contextlib import contextmanager

import pytest

from scoring import mail
from scoring.errors import Invalid, Misconfigured

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", f"file://{tmp_path}")
    return tmp_path


def only(folder):
    """The one message in the folder."""
    (path,) = folder.glob("*.eml")
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def test_a_message_has_sender_date_number_and_both_parts(folder):
    mail.send("ana@example.org", "Grüße", "Plain wörds.", html="<p>Words.</p>", headers={"List-Id": "x"})
    found = only(folder)
    assert (found["To"], found["Subject"], found["List-Id"]) == ("ana@example.org", "Grüße", "x")
    assert found["From"] == "Rangefinder <rangefinder@localhost>"
    assert found["Date"]
    assert found["Message-ID"].endswith("@localhost>")
    assert found.get_body(["plain"]).get_content().strip() == "Plain wörds."
    assert found.get_body(["html"]).get_content().strip() == "<p>Words.</p>"


def test_the_default_prints_the_message(app, capsys):
    mail.send("ana@example.org", "Hello", "Words.")
    assert "Subject: Hello" in capsys.readouterr().out


@pytest.mark.parametrize("to", ["nobody", "a@x.org\nBcc: b@x.org", "a@x.org, b@x.org", ""])
def test_only_one_real_address_is_taken(folder, to):
    with pytest.raises(Invalid):
        mail.send(to, "Hello", "Words.")
    assert list(folder.glob("*")) == []


def test_a_subject_can_not_smuggle_in_a_header(folder):
    with pytest.raises(ValueError):
        mail.send("ana@example.org", "Hello\nBcc: b@x.org", "Words.")


@contextmanager
def server(*answers):
    """A mail server that says these lines in turn, whatever it hears, then hangs up; yields its port and what it heard."""
    listening, heard = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        line, _ = listening.accept()
        with line, line.makefile("rb") as file:
            for answer in answers:
                line.sendall(answer.encode() + b"\r\n")
                heard.append(file.readline())
                while answer.startswith("354") and heard[-1] not in {b".\r\n", b""}:
                    heard.append(file.readline())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1], heard
    finally:
        thread.join(timeout=5)
        listening.close()


TALK = ("220 here", "250 hello", "250 from", "250 to", "354 go on", "250 taken")


def test_a_mail_server_gets_the_message(app, monkeypatch):
    with server(*TALK) as (port, heard):
        monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{port}")
        mail.send("ana@example.org", "Hello", "Words.")
    said = b"".join(heard)
    assert b"rcpt to:<ana@example.org>" in said.lower()
    assert b"Subject: Hello\r\n" in said
    assert b"Words.\r\n" in said


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (("421 closed",), mail.NotSent),
        ((*TALK[:3], "550 no such person", "250 reset"), mail.NotSent),
        ((*TALK[:5], "554 spam", "250 reset"), mail.NotSent),
        (TALK[:5], mail.MayBeSent),  # hangs up after the last line: taken or not, nobody knows
    ],
)
def test_a_refusal_is_told_from_a_broken_line(app, monkeypatch, answers, error):
    with server(*answers) as (port, _):
        monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{port}")
        with pytest.raises(error):
            mail.send("ana@example.org", "Hello", "Words.")


def test_a_server_that_is_not_there_is_a_message_not_sent(app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{port}")
    with pytest.raises(mail.NotSent):
        mail.send("ana@example.org", "Hello", "Words.")


def test_a_password_never_goes_in_the_open(app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://me:secret@mail.example.org")
    with pytest.raises(Misconfigured):
        mail.send("ana@example.org", "Hello", "Words.")


def test_tls_comes_before_the_password(app, monkeypatch):
    done = []

    class Server:
        def __init__(self, host, port, **_):
            done.append((host, port))

        def starttls(self, context):
            done.append("tls")

        def login(self, user, password):
            done.append((user, password))

        def send_message(self, message):
            done.append(message["To"])

        def close(self):
            done.append("closed")

    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://me%40x.org:s%2Fs@mail.example.org:587?tls=1")
    mail.send("ana@example.org", "Hello", "Words.")
    assert done == [("mail.example.org", 587), "tls", ("me@x.org", "s/s"), "ana@example.org", "closed"]


def test_the_command_says_whether_it_works(app, folder, monkeypatch):
    runner = app.test_cli_runner()
    good = runner.invoke(args=["mail", "test", "ana@example.org"])
    assert (good.exit_code, good.output) == (0, "Sent to ana@example.org.\n")
    assert only(folder)["To"] == "ana@example.org"
    monkeypatch.setitem(app.config, "MAIL_URL", "pigeon://roof")
    bad = runner.invoke(args=["mail", "test", "ana@example.org"])
    assert bad.exit_code == 1
    assert "MAIL_URL begins with" in bad.output
