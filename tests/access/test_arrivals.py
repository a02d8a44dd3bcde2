"""Who sits at this machine, and who only says so."""

import pytest

from crm_ai.access.arrivals import from_here

HERE = {"Host": ["localhost:8501"]}


@pytest.mark.parametrize("address", [None, "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST:1"])
def test_a_browser_on_this_machine_is_from_here(address, host):
    assert from_here(address, {"Host": [host]})


@pytest.mark.parametrize("address", ["10.0.0.9", "192.168.1.4", "0.0.0.0", "::ffff:10.0.0.1", "fe80::1", "", "what"])
def test_another_machine_is_not_whatever_it_says(address):
    assert not from_here(address, HERE)
    assert not from_here(address, {**HERE, "X-Forwarded-For": ["127.0.0.1"]})


@pytest.mark.parametrize(
    "host",
    [
        "crm.example.com",
        "localhost.evil.com",
        "127.0.0.1.evil.com",
        "evil.com#localhost",
        "localhost@evil.com",
        "",
        "10.0.0.1",
        "[::1",
        "localhost, evil.com",
        "evil.com:80@localhost:80",
        "localhost:x",
        "2130706433",
        "0x7f.1",
    ],
)
def test_a_name_that_is_not_this_machines_is_not_from_here(host):
    assert not from_here("127.0.0.1", {"Host": [host]})


def test_without_a_name_or_with_two_it_is_not_from_here():
    assert not from_here("127.0.0.1", {})
    assert not from_here("127.0.0.1", {"Host": ["localhost", "evil.com"]})


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": ["10.0.0.9"]},
        {"X-Forwarded-For": ["127.0.0.1, 10.0.0.9"]},
        {"X-Forwarded-For": ["127.0.0.1", "10.0.0.9"]},
        {"X-Forwarded-For": ["unknown"]},
        {"X-Real-Ip": ["10.0.0.9"]},
        {"Cf-Connecting-Ip": ["2001:db8::1"]},
        {"Forwarded": ["for=192.0.2.60;proto=http;by=127.0.0.1"]},
        {"Forwarded": ['for="[2001:db8::1]"']},
        {"Forwarded": ["for=_hidden"]},
        {"X-Forwarded-Host": ["crm.example.com"]},
    ],
)
def test_a_proxy_that_speaks_for_another_machine_is_not_from_here(headers):
    assert not from_here("127.0.0.1", {**HERE, **headers})


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": ["127.0.0.1"]},
        {"X-Forwarded-For": ["::1, 127.0.0.1"], "X-Forwarded-Host": ["localhost:8080"]},
        {"Forwarded": ["for=127.0.0.1;proto=https"]},
        {"Forwarded": ['for="[::1]";host=localhost']},
    ],
)
def test_a_proxy_on_this_machine_that_speaks_for_it_is_from_here(headers):
    assert from_here("127.0.0.1", {**HERE, **headers})
