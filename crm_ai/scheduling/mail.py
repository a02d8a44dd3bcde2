"""Sending e-mail: one message a recipient, over TLS, with the account that the settings name.

Neither the password nor what a server answers goes into a log or a sentence.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from crm_ai.errors import BadParameter, CrmError

ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*"
)
PATIENCE = 30
"""Seconds for every step of the talk with the server."""
MOST_BYTES = 18_000_000
"""Of all files of a message; what mail servers take is usually 25 MB, a third of it for the encoding."""
KINDS = {
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
}


@dataclass(frozen=True)
class Server:
    """Where mail is handed in.

    Attributes:
        user, password: "" where the server asks for none.
        secure: TLS from the first byte (smtps://); else it is asked for (STARTTLS), and a must before a password.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    secure: bool = False


@dataclass(frozen=True)
class Letter:
    """What everybody gets.

    Attributes:
        files: name -> content.
    """

    sender: str
    subject: str
    text: str
    files: dict[str, bytes]


def server(url: str) -> Server:
    """The server of a setting "smtp://user:password@host:587" or "smtps://...".

    Raises:
        BadParameter: it is none, or there is none.
    """
    if not url:
        raise BadParameter("E-mail is not set up: ask your administrator for CRM_AI_SMTP and CRM_AI_SENDER.")
    try:
        parts = urlsplit(url)
        secure = {"smtp": False, "smtps": True}[parts.scheme]
        port = parts.port or (465 if secure else 587)
    except (ValueError, KeyError):
        raise BadParameter("CRM_AI_SMTP is no mail server: write smtp://user:password@host:587.") from None
    if not parts.hostname:
        raise BadParameter("CRM_AI_SMTP is no mail server: write smtp://user:password@host:587.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        raise BadParameter("User and password of CRM_AI_SMTP may have only plain English letters, digits and signs.")
    return Server(parts.hostname, port, user, password, secure)


def address(text: str) -> str:
    """An e-mail address as it is written to.

    Raises:
        BadParameter: it is none.
    """
    name, at, host = text.strip().rpartition("@")
    try:
        found = f"{name}{at}{host.encode('idna').decode().lower()}"
        if ADDRESS.fullmatch(found) and Address(addr_spec=found).addr_spec == found:
            return found
    except (UnicodeError, ValueError, IndexError):
        pass
    shown = " ".join(text.split())[:80] or "–"
    raise BadParameter("{address} is not an e-mail address.", address=shown)


def check_subject(text: str, most: int) -> None:
    """Raises BadParameter where it is too long or more than one line."""
    if len(text) > most:
        raise BadParameter("The subject is too long: at most {most} characters.", most=most)
    if not text.isprintable():
        raise BadParameter("The subject must be one line of text.")


def message(letter: Letter, recipient: str) -> EmailMessage:
    """The message to one person.

    Raises:
        BadParameter: the files are too large, or sender, recipient or subject are none.
    """
    size = sum(map(len, letter.files.values()))
    if size > MOST_BYTES:
        raise BadParameter(
            "The report has {size} MB, more than mail servers take ({most} MB): choose fewer formats or fewer tiles.",
            size=f"{size / 1e6:.1f}", most=f"{MOST_BYTES / 1e6:.0f}",
        )  # fmt: skip
    check_subject(letter.subject, 998)
    made = EmailMessage(SMTP)
    sender = address(letter.sender)
    made["From"], made["To"], made["Subject"] = sender, address(recipient), letter.subject
    made["Date"], made["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain=sender.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday answers it
    made.set_content(letter.text, cte="base64")  # no program on its way touches a line of it
    for name, content in letter.files.items():
        main, _, sub = KINDS.get(name.rpartition(".")[2], "application/octet-stream").partition("/")
        plain = "".join(filter(str.isprintable, name))
        made.add_attachment(content, maintype=main, subtype=sub, filename=plain)
    return made


def send(
    to: Server, letter: Letter, recipients: Sequence[str], go_on: Callable[[], bool] = lambda: True
) -> dict[str, CrmError]:
    """Hand one message a recipient in.

    Args:
        go_on: asked before each message; False leaves the rest unsent.

    Returns:
        Recipient -> why he got none.
    """
    left, failed = list(recipients), {}
    try:
        messages = {each: message(letter, each) for each in left}
        with _session(to) as session:
            while left and go_on():
                if refusal := _hand_in(session, messages[left[0]]):
                    failed[left[0]] = refusal
                del left[0]
    except CrmError as error:
        failed |= dict.fromkeys(left, error)
    return failed


@contextmanager
def _session(to: Server) -> Iterator[smtplib.SMTP]:
    """A server that listens, and knows us where it must."""
    try:
        with _connected(to) as session:
            if to.user:
                session.login(to.user, to.password)
            yield session
    except smtplib.SMTPAuthenticationError:
        raise BadParameter("The mail server refuses the user or the password of CRM_AI_SMTP.") from None
    except (ssl.SSLError, smtplib.SMTPNotSupportedError):
        raise BadParameter(
            "The mail server offers no encryption that can be trusted, so nothing was sent: check its address, its "
            "port and its certificate."
        ) from None
    except (OSError, smtplib.SMTPException, ValueError):
        raise CrmError("The mail server does not answer as it should: it is tried again later.") from None


def _connected(to: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if to.secure:
        return smtplib.SMTP_SSL(to.host, to.port, timeout=PATIENCE, context=context)
    session = smtplib.SMTP(to.host, to.port, timeout=PATIENCE)
    session.ehlo()
    beside = to.host in ("localhost", "127.0.0.1", "::1")
    if to.user or (session.has_extn("starttls") and not beside):
        session.starttls(context=context)
    return session


def _hand_in(session: smtplib.SMTP, letter: EmailMessage) -> CrmError | None:
    """None, or why the server does not take this one; it may take the next.

    Raises:
        SMTPException, OSError: it takes none any more.
    """
    recipient = str(letter["To"])
    try:
        session.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code = next((code for code, _ in error.recipients.values()), 0)
        return _refused(code, recipient)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return _refused(error.smtp_code, recipient)
    return None


def _refused(code: int, recipient: str) -> CrmError:
    if code == 552:
        return BadParameter("The report is too large for the mail server: choose fewer formats or fewer tiles.")
    if code < 500:
        return CrmError("The mail server takes nothing for {address} now: it is tried again later.", address=recipient)
    return BadParameter("The mail server takes nothing for {address}: check the address.", address=recipient)
