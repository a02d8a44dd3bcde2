"""Read-only links to a dashboard: made and revoked by whoever may change it, opened by whoever holds the token.

The token (128 bits) is shown once and kept nowhere: only its hash is. A link that is wrong, over or revoked is
answered with the same sentence, so that nobody learns which of them it is.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from crm_ai.access import Desk, passwords, tries
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.hiding import Hide
from crm_ai.errors import BadParameter, NotAllowed, UnknownName
from crm_ai.records import Records, audit, now
from crm_ai.records.tables import dashboards, links

MOST_ORIGINS = 10
MOST_TRIES = 10
"""Wrong passwords in a quarter of an hour after which nobody may try any more."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:\d{1,5})?")


@dataclass(frozen=True)
class Options:
    """What a link lets see and do.

    Attributes:
        filters: dates, countries and segments may be chosen.
        downloads: charts, tables and reports may be taken away.
        small: groups of fewer than five are shown.
        personal: ids, names and texts of people are shown.
        origins: sites ("https://intranet.example.com") that may show it in a frame.
    """

    filters: bool = True
    downloads: bool = True
    small: bool = False
    personal: bool = False
    origins: tuple[str, ...] = ()

    @property
    def hide(self) -> Hide:
        """What is made unrecognisable before anything is shown."""
        return Hide(small=not self.small, personal=not self.personal)

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Options":
        return Options(**{**document, "origins": tuple(document.get("origins", ()))})


@dataclass(frozen=True)
class Link:
    """A link as it is kept.

    Attributes:
        id: its name in the trail; opens nothing.
        dashboard: id of the board.
        made_by: e-mail.
        created_at, expires_at, revoked_at, opened_at: UTC; None where that is not so, or not yet.
        password: whether one is asked for.
        opened: how often.
    """

    id: str
    dashboard: str
    made_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    password: bool
    options: Options = field(default_factory=Options)
    opened: int = 0
    opened_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still leads anywhere."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now())

    @property
    def who(self) -> str:
        """Its visitors in the trail."""
        return f"link:{self.id}"


# ---- whoever may change the board ------------------------------------------------------------------------------------


def create(
    desk: Desk,
    dashboard: str,
    options: Options = Options(),
    *,
    password: str = "",
    expires_at: datetime | None = None,
) -> tuple[Link, str]:
    """A new link, and its token, which cannot be had again.

    Raises:
        NotAllowed, UnknownName: the visitor may not change this board, or may not let it show that much.
        BadParameter: the password, the moment or a site will not do.
    """
    desk.require("edit", "dashboard", dashboard)
    if (options.small or options.personal) and not desk.may("own", "dashboard", dashboard):
        raise NotAllowed("Only its owner can let a link show small groups or who people are: leave both hidden.")
    _check(options, password, expires_at)
    token, name = secrets.token_urlsafe(16), secrets.token_hex(6)
    row = {
        "id": name,
        "token_hash": passwords.token_hash(token),
        "dashboard": dashboard,
        "made_by": desk.visitor.email,
        "created_at": now(),
        "expires_at": expires_at,
        "password_hash": passwords.hashed(password) if password else None,
        "options": asdict(options),
        "opened": 0,
    }
    with desk.records.write() as connection:
        connection.execute(insert(links), row)
        audit.note(connection, desk.visitor.email, "link made", "dashboard", dashboard, link=name)
    return next(link for link in of_board(desk, dashboard) if link.id == name), token


def of_board(desk: Desk, dashboard: str) -> list[Link]:
    """The links of a board, the newest first, for whoever may change it."""
    desk.require("edit", "dashboard", dashboard)
    query = select(links).where(links.c.dashboard == dashboard).order_by(links.c.created_at.desc())
    with desk.records.read() as connection:
        return [_link(row) for row in connection.execute(query)]


def revoke(desk: Desk, dashboard: str, name: str) -> None:
    """Close a link at once, for ever."""
    desk.require("edit", "dashboard", dashboard)
    here = (links.c.dashboard == dashboard, links.c.id == name, links.c.revoked_at.is_(None))
    with desk.records.write() as connection:
        if connection.execute(update(links).where(*here), {"revoked_at": now()}).rowcount:
            audit.note(connection, desk.visitor.email, "link revoked", "dashboard", dashboard, link=name)


# ---- whoever holds the token -----------------------------------------------------------------------------------------


def opened(records: Records, token: str) -> tuple[Link, Board]:
    """The link of a token and its board, as they are now.

    Raises:
        UnknownName: there is none, or it is over or revoked, or the board is gone.
    """
    link = _found(records, token)
    if link is None or not link.open:
        raise _closed()
    with records.read() as connection:
        row = connection.execute(select(dashboards).where(dashboards.c.id == link.dashboard)).first()
    if row is None:
        raise _closed()
    return link, Board.from_json(row.id, row.revision, row.document)


def unlock(records: Records, link: Link, password: str) -> None:
    """Check the password of a link.

    Raises:
        NotAllowed: it is wrong, or too many were.
    """
    what = tries.key("link", link.id)
    tries.take(records, {what: MOST_TRIES})
    with records.read() as connection:
        kept = connection.execute(select(links.c.password_hash).where(links.c.id == link.id)).scalar()
    if passwords.matches(kept, password):
        tries.forgive(records, what)
        return
    with records.write() as connection:
        audit.note(connection, link.who, "wrong password", "dashboard", link.dashboard, link=link.id)
    raise NotAllowed("This password is wrong.")


def count(records: Records, link: Link) -> None:
    """Note that somebody opened it."""
    with records.write() as connection:
        seen = {"opened": links.c.opened + 1, "opened_at": now()}
        connection.execute(update(links).where(links.c.id == link.id).values(seen))
        audit.note(connection, link.who, "link opened", "dashboard", link.dashboard, link=link.id)


def origins(records: Records, token: str) -> tuple[str, ...]:
    """The sites that may show the link of this token in a frame; none where it is not open."""
    link = _found(records, token)
    return link.options.origins if link and link.open else ()


def _found(records: Records, token: str) -> Link | None:
    if not _TOKEN.fullmatch(token):
        return None
    with records.read() as connection:
        row = connection.execute(select(links).where(links.c.token_hash == passwords.token_hash(token))).first()
    return None if row is None else _link(row)


def _link(row: Row[Any]) -> Link:
    same = {name: getattr(row, name) for name in Link.__dataclass_fields__ if name not in ("password", "options")}
    return Link(**same, password=row.password_hash is not None, options=Options.from_json(row.options))


def _check(options: Options, password: str, expires_at: datetime | None) -> None:
    if password:
        passwords.checked(password)
    if expires_at is not None and expires_at <= now():
        raise BadParameter("The link would be over already: choose a later day.")
    wrong = [origin for origin in options.origins if not _ORIGIN.fullmatch(origin)]
    if wrong or len(options.origins) > MOST_ORIGINS:
        sentence = "Write each site as https://intranet.example.com, at most {most} of them."
        raise BadParameter(sentence, most=MOST_ORIGINS)


def _closed() -> UnknownName:
    return UnknownName("This link is closed: ask whoever sent it to you for a new one.")
