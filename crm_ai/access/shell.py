"""`python -m crm_ai account add|list|role|password|disable|enable`: local accounts, by whoever runs the server."""

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import Any

from crm_ai.access import accounts
from crm_ai.access.visitors import ROLES
from crm_ai.errors import BadParameter
from crm_ai.records import Records
from crm_ai.settings import settings


def add(commands: Any) -> None:
    """Describe the command to an argparse ``commands``."""
    top = commands.add_parser("account", help="people who may sign in; from the first one on everybody has to")
    acts = top.add_subparsers(dest="act", required=True, parser_class=type(top))
    made = acts.add_parser("add", help="a new account")
    acts.add_parser("list", help="all accounts")
    role = acts.add_parser("role", help="give somebody another role")
    password = acts.add_parser("password", help="set another password; signs all browsers of the account out")
    disable = acts.add_parser("disable", help="let somebody in no more, at once")
    enable = acts.add_parser("enable", help="let somebody in again")
    for act in (made, role, password, disable, enable):
        act.add_argument("email", metavar="EMAIL")
    made.add_argument("--role", choices=ROLES, required=True)
    made.add_argument("--name", default="", help="as people call him")
    role.add_argument("role", choices=ROLES)
    for act in (made, password):
        act.add_argument("--password-stdin", action="store_true", help="read it from standard input, not the terminal")


def account(given: argparse.Namespace) -> str:
    """Do what was asked; says what was done."""
    records = Records.open(settings().workspace, settings().records)
    try:
        return ACTS[given.act](records, given)
    finally:
        records.close()


def _add(records: Records, given: argparse.Namespace) -> str:
    made = accounts.add(records, given.email, given.role, _password(given), given.name)
    return f"{made.email} may sign in as {made.role}."


def _list(records: Records, given: argparse.Namespace) -> str:
    every = accounts.every(records)
    lines = [f"{a.email:40} {a.role:8} {'' if a.active else 'disabled'} {a.name}".rstrip() for a in every]
    return "\n".join(lines) or "Nobody has an account: everybody at this machine may do everything."


def _role(records: Records, given: argparse.Namespace) -> str:
    accounts.set_role(records, given.email, given.role)
    return f"{given.email} has the role {given.role}."


def _set_password(records: Records, given: argparse.Namespace) -> str:
    accounts.set_password(records, given.email, _password(given))
    return f"{given.email} has another password; all browsers are signed out."


def _disable(records: Records, given: argparse.Namespace) -> str:
    accounts.set_active(records, given.email, False)
    return f"{given.email} may not sign in any more."


def _enable(records: Records, given: argparse.Namespace) -> str:
    accounts.set_active(records, given.email, True)
    return f"{given.email} may sign in again."


def _password(given: argparse.Namespace) -> str:
    """Typed twice unseen, or one line of standard input."""
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass(f"Password of {given.email}: ")
    if getpass.getpass("Again: ") != typed:
        raise BadParameter("The two passwords differ: try again.")
    return typed


ACTS: dict[str, Callable[[Records, argparse.Namespace], str]] = {
    "add": _add,
    "list": _list,
    "role": _role,
    "password": _set_password,
    "disable": _disable,
    "enable": _enable,
}
COMMANDS = {"account": account}
