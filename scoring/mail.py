"""E-mail: one message to one person, by whatever MAIL_URL names. Knows nothing of what the messages are about.

`console:` prints them, `file:///folder` writes each into a file, `smtp://` and `smtps://` hand them to a mail server.
"""

import secrets
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import click
from flask import current_app

from scoring.db import now
from scoring.errors import Invalid, Misconfigured, ScoringError

PATIENCE = 20  # seconds for each answer of the mail server
AT_HOME = {"localhost", "127.0.0.1", "::1"}


class NotSent(ScoringError):
    """The message did not go out, for certain: it may be tried again."""

    status = 503
    code = "not_sent"


class MayBeSent(ScoringError):
    """The connection broke while the message went over: nobody knows whether it arrived, so it is not sent again."""

    status = 503
    code = "may_be_sent"


def send(to, subject, text, *, html=None, headers=None):
    """Send one message to one address; `html` says the same as `text` for programs that show it."""
    message = _message(to, subject, text, html, headers or {})
    address = urlsplit(current_app.config["MAIL_URL"])
    if address.scheme == "console":
        click.echo(message.as_string().replace("\r\n", "\n"))
    elif address.scheme == "file":
        _write(message, Path(unquote(address.path)))
    elif address.scheme in {"smtp", "smtps"}:
        _hand_over(message, address)
    else:
        raise Misconfigured("MAIL_URL begins with console:, file://, smtp:// or smtps://. Change it.")
    return message


def _message(to, subject, text, html, headers):
    if "@" not in parseaddr(to)[1] or any(sign in to for sign in "\r\n,;"):
        raise Invalid(f"{to!r} is not one e-mail address.")
    sender = current_app.config["MAIL_FROM"]
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, charset="utf-8")
    if html is not None:
        message.add_alternative(html, subtype="html", charset="utf-8")
    return message


def _write(message, folder):
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{now():%Y%m%d-%H%M%S}-{secrets.token_hex(6)}.eml"
    (folder / name).write_bytes(message.as_bytes())


def _hand_over(message, address):
    server = _connected(address)
    try:
        server.send_message(message)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise NotSent(f"The mail server refused the message: {error}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MayBeSent(f"The mail server went away in the middle: {error}") from error
    finally:
        server.close()


def _connected(address):
    """Open the connection and sign in; whatever goes wrong here, no message has gone out."""
    options, tls = parse_qs(address.query), ssl.create_default_context()
    wants_tls = options.get("tls", ["0"])[0] == "1"
    is_safe = wants_tls or address.scheme == "smtps" or address.hostname in AT_HOME
    if address.username and not is_safe:
        raise Misconfigured("MAIL_URL would send its password in the open. Add ?tls=1, or use smtps://.")
    try:
        if address.scheme == "smtps":
            server = smtplib.SMTP_SSL(address.hostname, address.port or 465, timeout=PATIENCE, context=tls)
        else:
            server = smtplib.SMTP(address.hostname, address.port or 25, timeout=PATIENCE)
        if wants_tls and address.scheme == "smtp":
            server.starttls(context=tls)
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server can not be used: {error}") from error
    return server
