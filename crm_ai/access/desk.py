"""What one visitor may see and do of a workspace: the same words as ``store.Workspace``, each asking first."""

from collections.abc import Collection
from dataclasses import dataclass

from crm_ai.access import grants
from crm_ai.access.visitors import Visitor
from crm_ai.data.dataset import Dataset
from crm_ai.errors import NotAllowed, UnknownName
from crm_ai.records import Records, audit
from crm_ai.store import Draft, Version, Workspace


@dataclass(frozen=True)
class Desk:
    """A workspace, its records, and who asks.

    What a visitor may not even see is answered as if it were not there (UnknownName); what he may see but not change,
    with NotAllowed.
    """

    workspace: Workspace
    records: Records
    visitor: Visitor

    # ---- may he? -----------------------------------------------------------------------------------------------------

    def level(self, kind: str, thing: str) -> str:
        """What the visitor may do with it: "view", "edit", "own"; "" is not even see it."""
        return grants.rights(self.records, self.visitor, kind, [thing]).level(thing)

    def may(self, level: str, kind: str, thing: str) -> bool:
        """Whether the visitor may "view", "edit" or "own" it."""
        return grants.may(self.records, self.visitor, level, kind, thing)

    def allowed(self, level: str, kind: str, things: Collection[str]) -> set[str]:
        """Those of the things the visitor may "view", "edit" or "own"; two queries for all of them."""
        rights = grants.rights(self.records, self.visitor, kind, things)
        return {thing for thing in things if rights.may(level, thing)}

    def require(self, level: str, kind: str, thing: str) -> None:
        """Stop whoever may not.

        Raises:
            UnknownName: he may not even see it.
            NotAllowed: he may do less with it.
        """
        rights = grants.rights(self.records, self.visitor, kind, [thing])
        if not rights.may("view", thing):
            raise UnknownName(GONE[kind])
        if not rights.may(level, thing):
            raise NotAllowed(REFUSED[level])

    def require_role(self, needed: str) -> None:
        """Stop whoever has less than this role.

        Raises:
            NotAllowed: the role is less.
        """
        if not self.visitor.has_role(needed):
            raise NotAllowed("You may look at this, but not change it: ask your administrator.")

    # ---- sharing -----------------------------------------------------------------------------------------------------

    def owner(self, kind: str, thing: str) -> str | None:
        """E-mail of its owner; None when it is everybody's."""
        self.require("view", kind, thing)
        return grants.owner(self.records, kind, thing)

    def given(self, kind: str, thing: str) -> dict[str, str]:
        """Who -> what was given to him; only its owner may know."""
        self.require("own", kind, thing)
        return grants.given(self.records, kind, thing)

    def give(self, kind: str, thing: str, who: str, level: str) -> None:
        """Let somebody, or everybody ("*"), "view" or "edit" it; "" takes it back. Raises BadParameter."""
        self.require("own", kind, thing)
        with self.records.write() as connection:
            grants.give(connection, kind, thing, who, level)
            audit.note(connection, self.visitor.email, "shared", kind, thing, to=who.strip().lower(), level=level)

    def hand_over(self, kind: str, thing: str, email: str) -> None:
        """Make somebody else its owner."""
        self.require("own", kind, thing)
        with self.records.write() as connection:
            grants.hand_over(connection, kind, thing, email.strip().lower())
            audit.note(connection, self.visitor.email, "handed over", kind, thing, to=email.strip().lower())

    # ---- datasets ----------------------------------------------------------------------------------------------------

    def datasets(self) -> dict[str, Version]:
        """Dataset id -> its newest version, of those the visitor may see."""
        every = self.workspace.datasets()
        seen = self.allowed("view", "dataset", every)
        return {name: version for name, version in every.items() if name in seen}

    def version(self, address: str) -> Version:
        """As ``Workspace.version``."""
        self.require("view", "dataset", address.partition("@")[0])
        return self.workspace.version(address)

    def versions(self, name: str) -> list[Version]:
        """As ``Workspace.versions``."""
        self.require("view", "dataset", name.partition("@")[0])
        return self.workspace.versions(name)

    def open(self, address: str, url: str = "duckdb://") -> Dataset:
        """As ``Workspace.open``."""
        self.require("view", "dataset", address.partition("@")[0])
        return self.workspace.open(address, url)

    def rename(self, name: str, title: str) -> None:
        """As ``Workspace.rename``."""
        self.require("edit", "dataset", name)
        self.workspace.rename(name, title)
        self._note("dataset renamed", name)

    def delete(self, name: str) -> None:
        """As ``Workspace.delete``, by its owner only; what was given to others goes too."""
        self.require("own", "dataset", name)
        self.workspace.delete(name)
        with self.records.write() as connection:
            grants.forget(connection, "dataset", name)
            audit.note(connection, self.visitor.email, "dataset deleted", "dataset", name)

    def delete_version(self, address: str) -> None:
        """As ``Workspace.delete_version``."""
        name = address.partition("@")[0]
        self.require("edit", "dataset", name)
        self.workspace.delete_version(address)
        self._note("version deleted", name, version=address)

    def _note(self, action: str, name: str, **detail: str) -> None:
        with self.records.write() as connection:
            audit.note(connection, self.visitor.email, action, "dataset", name, **detail)

    # ---- drafts ------------------------------------------------------------------------------------------------------

    def new_draft(self, base: str | None = None, why: str = "uploaded") -> Draft:
        """As ``Workspace.new_draft``; the draft, and a dataset that comes of it, are the visitor's own."""
        if base:
            self.require("edit", "dataset", base.partition("@")[0])
        else:
            self.require_role("analyst")
        draft = self.workspace.new_draft(base, why)
        with self.records.write() as connection:
            grants.own(connection, "draft", draft.id, self.visitor.email)
            if not base:
                grants.own(connection, "dataset", draft.dataset, self.visitor.email)
        return draft

    def draft(self, name: str) -> Draft:
        """As ``Workspace.draft``: only the visitor's own, and only while he may still change its dataset."""
        self.require("edit", "draft", name)
        found = self.workspace.draft(name)
        if found.base:
            self.require("edit", "dataset", found.dataset)
        return found

    def unfinished(self) -> list[Draft]:
        """As ``Workspace.unfinished``, of those the visitor may go on with."""
        drafts = self.workspace.unfinished()
        mine = self.allowed("edit", "draft", [draft.id for draft in drafts])
        open_to_me = self.allowed("edit", "dataset", {draft.dataset for draft in drafts if draft.base})
        return [d for d in drafts if d.id in mine and (not d.base or d.dataset in open_to_me)]

    def discard(self, draft: Draft) -> None:
        """As ``Workspace.discard``."""
        self.require("edit", "draft", draft.id)
        self.workspace.discard(draft)
        with self.records.write() as connection:
            grants.forget(connection, "draft", draft.id)


GONE = {
    "dataset": "This dataset is not here any more: choose another on the data page.",
    "draft": "These files are not here any more: upload them again.",
    "dashboard": "This dashboard is not here any more: choose another.",
}
REFUSED = {
    "edit": "Only people it is shared with for editing can change this: ask its owner.",
    "own": "Only its owner or an administrator may do this.",
}
