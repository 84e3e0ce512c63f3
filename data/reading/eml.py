"""E-mails: subject, sender, receiver, date and the text; attachments are named."""

import email
import email.policy
from email.message import MIMEPart

from data.findings import counted
from data.reading.damage import read_as
from data.reading.decoding import declared_charset, decode
from data.reading.html import html_to_markdown
from data.reading.result import Reading

_HEADERS = ("From", "To", "Cc", "Date")


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    declared = part.get_content_charset() or declared_charset(raw)
    text = decode(raw, declared)[0] if raw.strip() else ""
    return html_to_markdown(text).text if part.get_content_type() == "text/html" else text


def read(raw: bytes) -> Reading:
    """An .eml file.

    Raises:
        ValueError: it has neither headers nor text.
    """
    with read_as("an e-mail"):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        body = message.get_body(preferencelist=("plain", "html"))
        text = _text(body) if body is not None else ""
        headers = [f"{name}: {' '.join(str(message[name]).split())}" for name in _HEADERS if message[name]]
        subject = " ".join(str(message["Subject"] or "").split())
        attached = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    if not headers and not subject:
        raise ValueError("it is not an e-mail: it has no sender, no date and no subject")
    notes = (f"left out: {counted(len(attached), 'attachment')} ({', '.join(attached[:5])})",) if attached else ()
    return Reading("\n".join(headers) + f"\n\n{text.strip()}", subject, notes)
