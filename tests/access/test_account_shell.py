"""`python -m crm_ai account`."""

import io

import pytest

from crm_ai import __main__ as shell
from crm_ai.access import accounts
from crm_ai.records import Records
from crm_ai.settings import settings
from tests.access.conftest import PASSWORD


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Runs a command with this on standard input; gives exit code, output, errors."""
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(tmp_path))
    settings.cache_clear()

    def command(line: str, typed: str = PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
        code = shell.main(["account", *line.split()])
        said = capsys.readouterr()
        return code, said.out, said.err

    yield command
    settings.cache_clear()


def test_accounts_are_added_listed_changed_and_switched_off(run, tmp_path):
    assert "everybody at this machine" in run("list")[1]
    assert run("add Ann@x.com --role admin --name Ann --password-stdin")[0] == 0
    assert run("add al@x.com --role viewer --password-stdin")[0] == 0
    assert run("role al@x.com analyst")[0] == 0
    assert run("password al@x.com --password-stdin", "another tea 43 cups")[0] == 0
    assert run("disable al@x.com")[0] == 0
    listed = run("list")[1]
    assert [line.split()[:2] for line in listed.splitlines()] == [["al@x.com", "analyst"], ["ann@x.com", "admin"]]
    assert "disabled" in listed.splitlines()[0]
    assert run("enable al@x.com")[0] == 0
    assert all(each.active for each in accounts.every(Records.open(tmp_path)))


@pytest.mark.parametrize(
    ("line", "typed", "sentence"),
    [
        ("add ann@x.com --role viewer --password-stdin", PASSWORD, "must have the role admin"),
        ("add ann@x.com --role admin --password-stdin", "short", "at least 10"),
        ("add ann --role admin --password-stdin", PASSWORD, "not an e-mail"),
        ("add ann@x.com --role king --password-stdin", PASSWORD, "invalid choice"),
        ("disable ann@x.com", "", "no account"),
        ("sing ann@x.com", "", "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(run, line, typed, sentence):
    code, out, err = run(line, typed)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_password_is_asked_for_twice_unseen(run, monkeypatch):
    answers = iter([PASSWORD, "other", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert "differ" in run("add ann@x.com --role admin")[2]
    assert run("add ann@x.com --role admin")[0] == 0
