"""E-mail through a real server on loopback, with STARTTLS and a sign-in; and what is refused before it leaves."""

import logging
import socket
import threading
from email.header import decode_header, make_header
from urllib.parse import quote

import pytest

from crm_ai.errors import BadParameter, CrmError
from crm_ai.scheduling import mail
from crm_ai.scheduling.mail import Letter, Server
from tests.scheduling.postbox import PASSWORD, USER, Postbox, authority, postbox

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
FILES = {"销售 2024-01-01.pdf": b"%PDF-1.7 \x00\xff" * 500, "Sales.xlsx": b"PK\x03\x04"}
LETTER = Letter("reports@example.com", "销售周报 📈", "收入上升 3.2 %\n\n.\nFrom here on\n", FILES)
ANN, BOB = "ann@example.com", "bob@example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    with pytest.MonkeyPatch.context() as patch:
        trusted, found = authority(folder)
        patch.setenv("SSL_CERT_FILE", str(trusted))
        yield found


@pytest.fixture
def box(certificate):
    with postbox(certificate) as found:
        yield found


def url(box: Postbox, scheme: str = "smtp", password: str = PASSWORD) -> str:
    return f"{scheme}://{USER}:{quote(password, safe='')}@127.0.0.1:{box.port}"


def test_a_message_arrives_as_it_was_written(box):
    assert mail.send(mail.server(url(box)), LETTER, [ANN]) == {}
    ((sender, recipients, letter),) = box.letters
    assert (sender, recipients) == ("reports@example.com", [ANN])
    assert (box.users, box.encrypted) == ([USER], [True])
    assert str(letter["Subject"]) == LETTER.subject
    assert letter.get_body().get_content().replace("\r\n", "\n") == LETTER.text
    assert {part.get_filename(): part.get_content() for part in letter.iter_attachments()} == FILES
    assert next(letter.iter_attachments()).get_content_type() == "application/pdf"
    assert letter["Date"]
    assert letter["Message-ID"]


def test_everybody_gets_a_message_of_his_own(box):
    mail.send(mail.server(url(box)), LETTER, [ANN, BOB])
    assert [recipients for _, recipients, _ in box.letters] == [[ANN], [BOB]]
    assert BOB not in box.letters[0][2].as_string()
    assert box.users == [USER]  # one sign-in for all


def test_tls_from_the_first_byte_works_too(certificate):
    with postbox(certificate, secure=True) as box:
        assert mail.send(mail.server(url(box, "smtps")), LETTER, [ANN]) == {}
        assert len(box.letters) == 1


def test_a_server_of_this_machine_needs_neither(certificate):
    with postbox(None, sign_in=False) as box:
        assert mail.send(mail.server(f"smtp://127.0.0.1:{box.port}"), LETTER, [ANN]) == {}
        assert len(box.letters) == 1


def test_one_refused_address_does_not_keep_the_others_from_theirs(box):
    box.refuses = {ANN: "550 no such user", BOB: "451 try later"}
    failed = mail.send(mail.server(url(box)), LETTER, [ANN, BOB, "eve@example.com"])
    assert [recipients for _, recipients, _ in box.letters] == [["eve@example.com"]]
    assert isinstance(failed[ANN], BadParameter)  # a person must mend it
    assert type(failed[BOB]) is CrmError  # it may go better later
    assert ANN in str(failed[ANN])


@pytest.mark.parametrize(("answer", "word"), [("552 too big", "too large"), ("554 spam", "check the address")])
def test_a_refused_message_is_one_sentence(answer, word, box):
    box.refuses_data = answer
    failed = mail.send(mail.server(url(box)), LETTER, [ANN])
    assert word in str(failed[ANN])
    assert answer[4:] not in str(failed[ANN])


def test_when_the_line_goes_dead_the_rest_is_still_to_send(box):
    box.after = 1
    failed = mail.send(mail.server(url(box)), LETTER, [ANN, BOB, "eve@example.com"])
    assert list(failed) == [BOB, "eve@example.com"]
    assert all(type(error) is CrmError for error in failed.values())


def test_it_stops_when_told(box):
    said = iter([True, False])
    mail.send(mail.server(url(box)), LETTER, [ANN, BOB], lambda: next(said))
    assert [recipients for _, recipients, _ in box.letters] == [[ANN]]


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_one_sentence_without_it(box, caplog):
    caplog.set_level(logging.DEBUG)
    failed = mail.send(mail.server(url(box, password="s3cr3t-w0rd")), LETTER, [ANN])
    assert "refuses the user or the password" in str(failed[ANN])
    assert isinstance(failed[ANN], BadParameter)
    assert "s3cr3t" not in str(failed[ANN]) + caplog.text
    assert failed[ANN].__context__ is None or failed[ANN].__suppress_context__


def test_a_password_does_not_go_out_unencrypted():
    with postbox(None) as box:
        failed = mail.send(mail.server(url(box)), LETTER, [ANN])
    assert "no encryption" in str(failed[ANN])
    assert box.users == []


@pytest.mark.parametrize("secure", [True, False])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(secure, certificate, tmp_path):
    with postbox(authority(tmp_path)[1], secure=secure) as box:  # of an authority that nobody trusts
        failed = mail.send(mail.server(url(box, "smtps" if secure else "smtp")), LETTER, [ANN])
    assert "no encryption that can be trusted" in str(failed[ANN])
    assert box.users == []


def test_a_certificate_of_another_host_is_none(certificate, tmp_path, monkeypatch):
    trusted, found = authority(tmp_path, "elsewhere.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with postbox(found) as box:
        failed = mail.send(mail.server(url(box)), LETTER, [ANN])
    assert "no encryption that can be trusted" in str(failed[ANN])


def test_the_server_does_not_print_its_password():
    assert "s3cr3t" not in repr(mail.server("smtp://ann:s3cr3t@host"))


def test_nobody_there_is_one_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        failed = mail.send(Server("127.0.0.1", free.getsockname()[1]), LETTER, [ANN])
    assert "does not answer" in str(failed[ANN])


def test_a_server_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(mail, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        failed = mail.send(Server("127.0.0.1", mute.getsockname()[1]), LETTER, [ANN])
    assert "does not answer" in str(failed[ANN])


def test_a_server_that_talks_nonsense_is_given_up():
    def talk(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"\xff" * 2000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        speaker = threading.Thread(target=talk, args=(listener,))
        speaker.start()
        failed = mail.send(Server("127.0.0.1", listener.getsockname()[1]), LETTER, [ANN])
        speaker.join()
    assert "does not answer" in str(failed[ANN])


# ---- before it leaves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smtp://mail.example.com", Server("mail.example.com", 587)),
        ("smtps://mail.example.com", Server("mail.example.com", 465, secure=True)),
        ("smtp://a%40b.com:p%3A%2F%40@[::1]:2525", Server("::1", 2525, "a@b.com", "p:/@")),
    ],
)
def test_the_setting_names_a_server(text, expected):
    assert mail.server(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "mail.example.com", "http://x", "smtp://", "smtp://u:s3cr3t@h:x", "smtp://u:s3cr3tö@h", "smtp://h:99999"],
)
def test_another_setting_is_refused_without_its_password(text):
    with pytest.raises(BadParameter) as caught:
        mail.server(text)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@exa mple.com",
        "ann@@example.com",
        "ann@example.com,bob@example.com",
        "Ann <ann@example.com>",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann\n@example.com",
        "ann@example.com\x00",
        "安@example.com",
        "a" * 65 + "@example.com",
        "ann@" + "a" * 254 + ".com",
        "ann@-",
        ".ann@example.com",
        "ann..b@example.com",
        '"ann b"@example.com',
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadParameter, match="not an e-mail address"):
        mail.address(text)


@pytest.mark.parametrize("subject", ["Sales\nBcc: bob@example.com", "Sales\r", "a\u2028b", "a\x00b"])
def test_a_subject_of_two_lines_never_leaves(subject, box):
    letter = Letter(LETTER.sender, subject, "", {})
    assert "one line" in str(mail.send(mail.server(url(box)), letter, [ANN])[ANN])
    assert box.letters == []


@pytest.mark.parametrize("name", ['a"; filename="b.exe', "a\r\nX-Header: b.pdf", "a\u2028b.pdf"])
def test_names_of_files_add_no_headers(name, box):
    letter = Letter(LETTER.sender, "Sales", "text", {name: b"x"})
    failed = mail.send(mail.server(url(box)), letter, [ANN])
    for _, _, found in box.letters:
        assert "X-Header" not in found
        assert all("X-Header" not in part for part in found.walk())
    assert len(box.letters) == 1
    assert failed == {}


def test_what_is_too_large_is_one_sentence_with_its_size(box, monkeypatch):
    monkeypatch.setattr(mail, "MOST_BYTES", 5_000)
    failed = mail.send(mail.server(url(box)), LETTER, [ANN])
    assert "MB" in str(failed[ANN])
    assert isinstance(failed[ANN], BadParameter)
    assert box.letters == []


def test_without_a_sender_nothing_leaves(box):
    letter = Letter("", "Sales", "text", {})
    assert isinstance(mail.send(mail.server(url(box)), letter, [ANN])[ANN], BadParameter)
    assert box.letters == []


def test_long_chinese_subjects_are_folded_and_come_together_again():
    text = "客户健康与销售概览" * 20
    made = mail.message(Letter(LETTER.sender, text, "", {}), ANN)
    raw = made.as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) < 998
    head = raw.decode("ascii").split("Subject: ")[1].split("\r\nDate")[0]
    assert str(make_header(decode_header(head))) == text
