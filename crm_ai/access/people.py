"""The people of an installation, as one visitor may see and change them: admins everybody, others themselves."""

from dataclasses import dataclass

from crm_ai.access import accounts, passwords, sessions, tries
from crm_ai.access.accounts import Account
from crm_ai.access.sessions import Session
from crm_ai.access.visitors import Visitor
from crm_ai.errors import BadParameter, NotAllowed
from crm_ai.records import Records, audit
from crm_ai.records.audit import Act

A_CLIENT, AN_ACCOUNT, BOTH = 40, 100, 10
"""Wrong passwords in a quarter of an hour: from one address, for one account, for one account from one address."""


def sign_in(records: Records, email: str, password: str, client: str = "", address: str = "") -> str:
    """The token of a new session, for who knows the password. Takes as long for accounts that do not exist.

    Args:
        records: where.
        email, password: as they were typed.
        client: name of the browser.
        address: of the network, for counting tries.

    Raises:
        NotAllowed: wrong, or tried too often; the sentence does not tell whether there is such an account.
    """
    email = email.strip().lower()
    mine = tries.key("both", email, address), tries.key("account", email)
    tries.take(records, {tries.key("client", address): A_CLIENT, mine[0]: BOTH, mine[1]: AN_ACCOUNT})
    kept = accounts.kept_password(records, email)
    if not passwords.matches(kept, password):
        with records.write() as connection:  # what was typed may be a password, so only known names are written down
            audit.note(connection, email if kept else "", "wrong password", "account", email[:40] if kept else "")
        raise NotAllowed("E-mail or password is wrong.")
    tries.forgive(records, *mine)
    return sessions.begin(records, email, client)


@dataclass(frozen=True)
class People:
    """Accounts, sessions and the trail, and who asks."""

    records: Records
    visitor: Visitor

    # ---- oneself -----------------------------------------------------------------------------------------------------

    def own_sessions(self) -> list[Session]:
        """Where the visitor is signed in."""
        return sessions.lasting(self.records, self._email())

    def end_own_session(self, name: str) -> None:
        """Sign one of the visitor's own browsers out. Raises UnknownName where it is not his."""
        sessions.revoke(self.records, self._email(), name, self.visitor.email)

    def change_own_password(self, before: str, after: str, token: str) -> None:
        """Another password; all browsers are signed out but the one with this token.

        Raises:
            NotAllowed: the password before is wrong, or was wrong too often.
            BadParameter: the new one is easy to guess.
        """
        email = self._email()
        what = tries.key("change", email)
        tries.take(self.records, {what: BOTH})
        if not passwords.matches(accounts.kept_password(self.records, email), before):
            raise NotAllowed("The present password is wrong.")
        if before == after:
            raise BadParameter("The new password is the old one: choose another.")
        accounts.set_password(self.records, email, after, email, keep=token)
        tries.forgive(self.records, what)

    # ---- everybody ---------------------------------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """All accounts."""
        self._require_admin()
        return accounts.every(self.records)

    def add(self, email: str, role: str, name: str = "") -> str:
        """A new account; gives the password, which is written down nowhere. Raises as ``accounts.add``."""
        self._require_admin()
        password = passwords.invented()
        accounts.add(self.records, email, role, password, name, self.visitor.email)
        return password

    def reset(self, email: str) -> str:
        """Another password for somebody who lost his; gives it. Raises UnknownName."""
        self._require_admin()
        password = passwords.invented()
        accounts.set_password(self.records, email, password, self.visitor.email)
        return password

    def set_role(self, email: str, role: str) -> None:
        """Raises as ``accounts.set_role``."""
        self._require_admin()
        accounts.set_role(self.records, email, role, self.visitor.email)

    def set_active(self, email: str, active: bool) -> None:
        """Switch an account on or off. Raises as ``accounts.set_active``."""
        self._require_admin()
        accounts.set_active(self.records, email, active, self.visitor.email)

    def sessions(self) -> list[Session]:
        """Where people are signed in."""
        self._require_admin()
        return sessions.lasting(self.records)

    def end_session(self, email: str, name: str) -> None:
        """Sign a browser out. Raises UnknownName where it is already."""
        self._require_admin()
        sessions.revoke(self.records, email, name, self.visitor.email)

    def acts(self, most: int = 500) -> list[Act]:
        """The newest lines of the trail."""
        self._require_admin()
        return audit.acts(self.records, most=most)

    def known(self) -> dict[str, str]:
        """E-mail -> name of everybody a thing can be given to; {} where people come from an OpenID provider."""
        if not self.visitor.has_role("analyst"):
            raise NotAllowed("You may look at this, but not change it: ask your administrator.")
        return {each.email: each.name for each in accounts.every(self.records) if each.active}

    def _require_admin(self) -> None:
        if not self.visitor.has_role("admin"):
            raise NotAllowed("Only administrators may see and change this.")

    def _email(self) -> str:
        """Of the visitor's own account; nobody and links have none."""
        if not self.visitor.role or "@" not in self.visitor.email:
            raise NotAllowed("Sign in to see this page.")
        return self.visitor.email
