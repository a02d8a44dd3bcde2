"""What one visitor may see and do of a workspace: the same words as ``store.Workspace``, each asking first."""

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

    def may(self, level: str, kind: str, thing: str) -> bool:
        """Whether the visitor may "view" or "edit" it."""
        return grants.may(self.records, self.visitor, level, kind, thing)

    def require(self, level: str, kind: str, thing: str) -> None:
        """Stop whoever may not.

        Raises:
            UnknownName: he may not even see it.
            NotAllowed: he may see it only.
        """
        if not self.may("view", kind, thing):
            raise UnknownName(GONE[kind])
        if not self.may(level, kind, thing):
            raise NotAllowed("Only people it is shared with for editing can change this: ask its owner.")

    def require_role(self, needed: str) -> None:
        """Stop whoever has less than this role.

        Raises:
            NotAllowed: the role is less.
        """
        if not self.visitor.has_role(needed):
            raise NotAllowed("You may look at this, but not change it: ask your administrator.")

    # ---- datasets ----------------------------------------------------------------------------------------------------

    def datasets(self) -> dict[str, Version]:
        """Dataset id -> its newest version, of those the visitor may see."""
        return {
            name: version for name, version in self.workspace.datasets().items() if self.may("view", "dataset", name)
        }

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
        self._change(name, "dataset renamed")
        self.workspace.rename(name, title)

    def delete(self, name: str) -> None:
        """As ``Workspace.delete``; what was given to others goes too."""
        self._change(name, "dataset deleted")
        self.workspace.delete(name)
        with self.records.write() as connection:
            grants.forget(connection, "dataset", name)

    def delete_version(self, address: str) -> None:
        """As ``Workspace.delete_version``."""
        self._change(address.partition("@")[0], "version deleted", version=address)
        self.workspace.delete_version(address)

    def _change(self, name: str, action: str, **detail: str) -> None:
        self.require("edit", "dataset", name)
        with self.records.write() as connection:
            audit.note(connection, self.visitor.email, action, "dataset", name, **detail)

    # ---- drafts ------------------------------------------------------------------------------------------------------

    def new_draft(self, base: str | None = None, why: str = "uploaded") -> Draft:
        """As ``Workspace.new_draft``; the draft, and a dataset that comes of it, are the visitor's own."""
        self.require_role("analyst")
        if base:
            self.require("edit", "dataset", base.partition("@")[0])
        draft = self.workspace.new_draft(base, why)
        with self.records.write() as connection:
            grants.own(connection, "draft", draft.id, self.visitor.email)
            if not base:
                grants.own(connection, "dataset", draft.dataset, self.visitor.email)
        return draft

    def draft(self, name: str) -> Draft:
        """As ``Workspace.draft``: only the visitor's own, and an admin's all."""
        self.require("edit", "draft", name)
        return self.workspace.draft(name)

    def unfinished(self) -> list[Draft]:
        """As ``Workspace.unfinished``, of those the visitor may go on with."""
        return [draft for draft in self.workspace.unfinished() if self.may("edit", "draft", draft.id)]

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
