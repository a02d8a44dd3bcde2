"""The few pages of plain HTML: sign in, sign out, one's account. No script, nothing from elsewhere."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

from crm_ai.access import Visitor, passwords
from crm_ai.access.sessions import Session
from crm_ai.i18n import LANGUAGES, Translator, translator

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Look:
    """What a page is made with.

    Attributes:
        language: "en" or "zh".
        secret: of its forms.
        base: path before all addresses.
        path: its own address, for the switch of language.
        error, news: a sentence above the form.
    """

    language: str
    secret: str
    base: str = ""
    path: str = "/sign-in"
    error: str = ""
    news: str = ""

    @property
    def t(self) -> Translator:
        return translator(self.language)


def sign_in(look: Look, email: str, next_: str) -> HTMLResponse:
    t = look.t
    fields = (
        _hidden("next", next_),
        _field(t("E-mail"), "email", "email", "username", email, focus=not email),
        _field(t("Password"), "password", "password", "current-password", focus=bool(email)),
    )
    note = f'<p class="note">{escape(t("Forgot it? An administrator can give you a new one."))}</p>'
    return _page(look, t("Sign in"), _form(look, "/sign-in", t("Sign in"), fields) + note)


def sign_out(look: Look, visitor: Visitor) -> HTMLResponse:
    t = look.t
    who = f"<p>{escape(t('You are signed in as {email}.').format(email=visitor.email))}</p>"
    back = f'<p class="note"><a href="{look.base}/">{escape(t("Back to the pages"))}</a></p>'
    return _page(look, t("Sign out"), who + _form(look, "/sign-out", t("Sign out")) + back)


def account(look: Look, visitor: Visitor, sessions: Sequence[Session], here: str) -> HTMLResponse:
    """One's own account; ``here`` is the id of the session that looks."""
    t = look.t
    role = t("{email}, role: {role}").format(email=visitor.email, role=t(visitor.role))
    head = f'<p class="who"><b>{escape(visitor.name or visitor.email)}</b><br>{escape(role)}</p>'
    back = f'<p class="note"><a href="{look.base}/">{escape(t("Back to the pages"))}</a></p>'
    body = head + _form(look, "/sign-out", t("Sign out"), quiet=True) + _sessions(look, sessions, here)
    return _page(look, t("Your account"), body + _change(look, visitor.email) + back)


def message(look: Look, title: str, status: int = 200) -> HTMLResponse:
    """A page that only says something."""
    back = f'<p class="note"><a href="{look.base}/">{escape(look.t("Back to the pages"))}</a></p>'
    return _page(look, title, back, status)


# ---- parts -----------------------------------------------------------------------------------------------------------


def _sessions(look: Look, sessions: Sequence[Session], here: str) -> str:
    lines = "".join(f"<li>{_session(look, session, session.id == here)}</li>" for session in sessions)
    return f"<h2>{escape(look.t('Where you are signed in'))}</h2><ul>{lines}</ul>"


def _session(look: Look, session: Session, here: bool) -> str:
    t = look.t
    seen = t("last used {when} UTC").format(when=f"{session.seen_at:%Y-%m-%d %H:%M}")
    text = f"<span><b>{escape(session.client or t('Unknown browser'))}</b><br><small>{escape(seen)}</small></span>"
    if here:
        return text + f"<small>{escape(t('this browser'))}</small>"
    button = _form(look, "/account/sessions", t("Sign out"), [_hidden("session", session.id)], quiet=True)
    return text + button


def _change(look: Look, email: str) -> str:
    t = look.t
    at_least = t("At least {n} characters; all other browsers are signed out.").format(n=passwords.SHORTEST)
    fields = (
        f'<input type="hidden" name="email" autocomplete="username" value="{escape(email)}">',
        _field(t("Present password"), "before", "password", "current-password"),
        _field(t("New password"), "after", "password", "new-password"),
        f'<p class="note">{escape(at_least)}</p>',
    )
    title = escape(t("Change the password"))
    return f"<h2>{title}</h2>" + _form(look, "/account/password", t("Change the password"), fields)


def _form(look: Look, action: str, label: str, fields: Sequence[str] = (), quiet: bool = False) -> str:
    inside = "".join((_hidden("secret", look.secret), _hidden("lang", look.language), *fields))
    button = f"<button{' class=quiet' if quiet else ''}>{escape(label)}</button>"
    return f'<form method="post" action="{look.base}{action}">{inside}{button}</form>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _field(label: str, name: str, kind: str, remembered: str, value: str = "", focus: bool = False) -> str:
    more = f'autocomplete="{remembered}" value="{escape(value)}"{" autofocus" if focus else ""}'
    return f'<label>{escape(label)}<input name="{name}" type="{kind}" {more} maxlength="1000" required></label>'


def _page(look: Look, title: str, body: str, status: int = 200) -> HTMLResponse:
    """The frame around a body: house style, what went wrong, the other language."""
    nonce = secrets.token_urlsafe(16)
    said = [(look.error, "error", "alert"), (look.news, "news", "status")]
    boxes = "".join(f'<p class="{kind}" role="{role}">{escape(text)}</p>' for text, kind, role in said if text)
    others = [(code, name) for code, name in LANGUAGES.items() if code != look.language]
    mark = "&amp;" if "?" in look.path else "?"
    switch = "".join(f'<a href="{escape(look.path)}{mark}lang={code}">{name}</a>' for code, name in others)
    text = _frame().substitute(
        language={"zh": "zh-CN"}.get(look.language, look.language),
        title=escape(title),
        body=boxes + body,
        switch=switch,
        nonce=nonce,
        icon=_icon(),
        style=_style(),
    )
    return HTMLResponse(text, status or 200, {**SAFE, "Content-Security-Policy": POLICY.format(nonce=nonce)})


@lru_cache
def _frame() -> Template:
    return Template((HERE / "page.html").read_text("utf-8"))


@lru_cache
def _style() -> str:
    return (HERE / "page.css").read_text("utf-8")


@lru_cache
def _icon() -> str:
    return base64.b64encode((HERE.parent / "assets" / "icon.png").read_bytes()).decode()
