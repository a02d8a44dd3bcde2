"""The sign-in as a browser sees it, and as somebody sees it who forges requests."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.access import sessions
from crm_ai.access.people import BOTH
from crm_ai.web import browsers, forms
from tests.web.conftest import HTML, PASSWORD

OURS = {"origin": "http://testserver"}


def secret(page) -> str:
    """Of the first form of a page."""
    return re.search(r'name="secret" value="([^"]+)"', page.text)[1]


def sent(browser, path, headers=OURS, shown="/sign-in", **fields):
    """Open the page with the form, then send the form."""
    return browser.post(path, data={"secret": secret(browser.get(shown)), **fields}, headers=headers)


def entered(browser, email="ann@x.com", password=PASSWORD, next="/overview", **more):
    return sent(browser, "/sign-in", email=email, password=password, next=next, **more)


# ---- in and out ------------------------------------------------------------------------------------------------------


def test_who_signs_in_comes_back_to_where_he_wanted_to_go(browser, people):
    ann = browser()
    away = ann.get("/overview?dataset=1", headers=HTML)
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Foverview%3Fdataset%3D1")
    page = ann.get(away.headers["location"])
    assert 'name="next" value="/overview?dataset=1"' in page.text
    fields = {"email": "ann@x.com", "password": PASSWORD, "next": "/overview?dataset=1"}
    back = ann.post("/sign-in", data={"secret": secret(page), **fields}, headers=OURS)
    assert (back.status_code, back.headers["location"]) == (303, "/overview?dataset=1")
    assert ann.get("/overview", headers=HTML).text == "page /overview"
    assert ann.get("/sign-in?next=/data").headers["location"] == "/data"


def test_who_signs_out_is_out(browser, people, records):
    ann = browser()
    entered(ann)
    token = ann.cookies["crm_ai"]
    assert "ann@x.com" in ann.get("/sign-out").text
    out = sent(ann, "/sign-out", shown="/sign-out")
    assert out.headers["location"].startswith("/sign-in?news=out")
    assert sessions.found(records, token) is None
    assert "crm_ai" not in ann.cookies
    assert "You are signed out." in ann.get(out.headers["location"]).text
    assert ann.get("/overview", headers=HTML).status_code == 303


def test_a_revoked_session_is_led_to_the_sign_in_at_the_next_page(browser, people, records):
    ann = browser()
    entered(ann)
    sessions.revoke_all(records, "ann@x.com")
    assert ann.get("/overview", headers=HTML).headers["location"].startswith("/sign-in")


def test_the_account_page_shows_sessions_ends_them_and_changes_the_password(browser, people, records):
    ann, phone = browser(), browser()
    entered(ann)
    entered(phone, headers={**OURS, "user-agent": "Mozilla/5.0 (iPhone; CPU) Version/26 Safari/600"})
    page = ann.get("/account")
    assert "Ann &lt;b&gt;" in page.text
    assert "Safari, iPhone" in page.text
    other = re.search(r'name="session" value="(\w+)"', page.text)[1]
    assert sent(ann, "/account/sessions", shown="/account", session=other).status_code == 303
    assert phone.get("/account").headers["location"].startswith("/sign-in")
    wrong = sent(ann, "/account/password", shown="/account", before="no", after="another tea 43 cups")
    assert (wrong.status_code, "The present password is wrong." in wrong.text) == (403, True)
    done = sent(ann, "/account/password", shown="/account", before=PASSWORD, after="another tea 43 cups")
    assert "news=password" in done.headers["location"]
    assert ann.get("/account").status_code == 200
    assert entered(browser()).status_code == 403
    assert entered(browser(), password="another tea 43 cups").status_code == 303


def test_forms_of_the_account_do_nothing_for_nobody(browser, people):
    nobody = browser()
    for path, fields in {
        "password": {"before": PASSWORD, "after": "another tea 43 cups"},
        "sessions": {"session": "x"},
    }.items():
        answer = sent(nobody, f"/account/{path}", **fields)
        assert answer.headers.get("location", "/sign-in").startswith("/sign-in")
        assert "ann@x.com" not in answer.text
    assert entered(nobody).status_code == 303  # her password is what it was


# ---- cookies ---------------------------------------------------------------------------------------------------------


def test_the_cookie_is_hidden_from_scripts_and_other_sites(browser, people, records):
    ann = browser()
    cookie = next(c for c in entered(ann).headers.get_list("set-cookie") if c.startswith("crm_ai="))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    token = ann.cookies["crm_ai"]
    assert len(token) >= 43
    assert token not in str(sessions.lasting(records))


@pytest.mark.parametrize("how", ["direct", "proxy", "address"])
def test_under_https_the_cookie_never_travels_in_the_clear(browser, people, how):
    url = "https://testserver" if how == "direct" else "http://testserver"
    ann = browser(url=url, address="https://testserver" if how == "address" else "")
    headers = {"origin": "https://testserver"} | ({"x-forwarded-proto": "https"} if how == "proxy" else {})
    page = ann.get("/sign-in", headers=headers)
    ann.cookies.set("__Host-crm_ai_form", secret(page))
    fields = {"secret": secret(page), "email": "ann@x.com", "password": PASSWORD}
    answer = ann.post("/sign-in", data=fields, headers=headers)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-crm_ai="))
    assert "Secure" in cookie.split("; ")
    assert "Domain" not in cookie


# ---- forged requests -------------------------------------------------------------------------------------------------

FORGED = {
    "without a secret": ({}, OURS),
    "with another secret": ({"secret": "x" * 43}, OURS),
    "from another site": (None, {"origin": "https://evil.com"}),
    "from a hidden site": (None, {"origin": "null"}),
    "from a page like ours": (None, {"origin": "http://testserver.evil.com"}),
    "from nowhere": (None, {}),
    "by a frame of another site": (None, {**OURS, "sec-fetch-site": "cross-site"}),
    "by a link of another site": (None, {"referer": "https://evil.com/http://testserver/"}),
}


@pytest.mark.parametrize("how", FORGED)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/account/password", "/account/sessions"])
def test_a_form_that_is_not_ours_does_nothing(browser, people, records, how, path):
    ann = browser()
    entered(ann)
    token = ann.cookies["crm_ai"]
    fields, headers = FORGED[how]
    fields = {"secret": secret(ann.get("/account"))} if fields is None else fields
    more = {"email": "boss@x.com", "password": PASSWORD, "before": PASSWORD, "after": "another tea 43 cups"}
    answer = ann.post(path, data={**more, "session": sessions.mark(token), **fields}, headers=headers)
    assert answer.status_code in (303, 403)
    assert ann.cookies["crm_ai"] == token
    assert sessions.found(records, token).email == "ann@x.com"
    assert entered(browser()).status_code == 303  # the password is what it was


def test_a_page_that_names_us_as_referer_is_ours(browser, people):
    assert entered(browser(), headers={"referer": "http://testserver/sign-in"}).status_code == 303


def test_behind_a_proxy_the_address_people_know_counts(browser, people):
    ann = browser(address="https://crm.example.com", url="https://testserver")
    assert entered(ann, headers={"origin": "https://crm.example.com"}).status_code == 303


def test_a_huge_form_is_not_read(browser, people):
    ann = browser()
    answer = entered(ann, email="x" * forms.LARGEST)
    assert (answer.status_code, "too large" in answer.text) == (403, True)


def test_a_form_of_odd_bytes_is_refused_politely(browser, people):
    for body in (b"\xff\xfe\x00=\x00", b"secret", b"&&&=&", b"secret=%zz&email=%00"):
        assert browser().post("/sign-in", content=body, headers=OURS).status_code == 403


@pytest.mark.parametrize("email", ["ann@x.com", "nobody@x.com"])
def test_wrong_and_unknown_look_the_same_and_are_slowed_down(browser, people, email):
    ann = browser()
    texts = {re.sub(r"nonce\S+|value=\S+", "", entered(ann, email=email, password="no").text) for _ in range(BOTH)}
    assert len(texts) == 1
    assert "E-mail or password is wrong." in texts.pop()
    assert "Too many tries" in entered(ann, email=email).text


# ---- where one is led ------------------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.com",
    "//evil.com",
    "/\\evil.com",
    "\\\\evil.com",
    "evil.com",
    "javascript:alert(1)",
    "/\t/evil.com",
]
ELSEWHERE += ["/\n/evil.com", " //evil.com", "http:/evil.com", "", "///evil.com", "/\x00", "/ok\r\nset-cookie: a=b"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_sign_in_leads_to_no_other_site(browser, people, target):
    ann = browser()
    assert entered(ann, next=target).headers["location"] == "/"
    assert ann.get("/sign-in", params={"next": target}).headers["location"] == "/"


@given(st.text(alphabet="/\\.:@?#%\t\n abc", max_size=12))
def test_a_local_address_stays_on_this_site(text):
    import httpx

    found = httpx.URL("http://us.example/sign-in").join(forms.local(text))
    assert found.host == "us.example"


PAGES = ["/", "/data", "/people", "/overview?dataset=x", "/nothing", "/a/b/c", "/sharedx", "/signin"]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_led_to_the_sign_in_from_every_page(browser, people, path):
    assert browser().get(path, headers=HTML).headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ["/shared?link=x", "/_stcore/health", "/static/js/index.js", "/media/x.csv"])
def test_what_needs_no_account_answers(browser, people, path):
    assert browser().get(path, headers=HTML).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/account"])
def test_without_accounts_or_with_a_provider_there_is_no_sign_in_of_ours(browser, records, path, request):
    assert browser().get(path).headers["location"] == "/"
    assert browser().get("/data", headers=HTML).status_code == 200
    request.getfixturevalue("people")
    assert browser(openid=True).get(path).headers["location"] == "/"
    assert browser(openid=True).get("/data", headers=HTML).status_code == 200


def test_under_a_path_of_its_own_everything_is_found(browser, people):
    ann = browser(base="/crm")
    away = ann.get("/crm/overview", headers=HTML)
    assert away.headers["location"] == "/crm/sign-in?next=%2Fcrm%2Foverview"
    page = ann.get(away.headers["location"])
    assert 'action="/crm/sign-in"' in page.text
    fields = {"secret": secret(page), "email": "ann@x.com", "password": PASSWORD, "next": "/crm/overview"}
    assert ann.post("/crm/sign-in", data=fields, headers=OURS).headers["location"] == "/crm/overview"
    assert ann.get("/crm/overview", headers=HTML).status_code == 200


# ---- files -----------------------------------------------------------------------------------------------------------


def test_files_are_taken_only_from_sessions_that_may_upload(browser, people):
    from crm_ai.web.uploads import MOST, Uploaders, uploaders

    ann = browser()
    assert ann.put("/_stcore/upload_file/s1/f1").status_code == 403
    uploaders().let("s1", True)
    assert ann.put("/_stcore/upload_file/s1/f1").status_code == 200
    uploaders().let("s1", False)
    assert ann.put("/_stcore/upload_file/s1/f1").status_code == 403
    known = Uploaders()
    for n in range(MOST + 5):
        known.let(str(n), True)
    assert [known.may("0"), known.may("5")] == [False, True]


@pytest.mark.parametrize("path", ["/_stcore/agent/interact", "/_stcore/agent/mcp", "/_stcore/agent/openapi.json"])
def test_programs_do_not_get_in_past_the_accounts(browser, path):
    assert browser().get(path).status_code == 404


# ---- the pages themselves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/sign-out"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_hold_nothing_from_elsewhere_and_are_kept_nowhere(browser, people, path, language):
    ann = browser()
    if path != "/sign-in":
        entered(ann)
    page = ann.get(f"{path}?lang={language}")
    assert re.findall(r'(?:src|href|action)="(?!/|data:image/png|\?)[^"]*"', page.text) == []
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])[1]
    assert f'<style nonce="{nonce}">' in page.text
    assert nonce not in ann.get(path).text
    title = {"/sign-in": "登录", "/account": "您的账户", "/sign-out": "退出登录"}[path]
    assert (f"<h1>{title}</h1>" in page.text) == (language == "zh")


def test_the_browser_says_which_language(browser, people):
    assert "登录" in browser().get("/sign-in", headers={"accept-language": "zh-CN,zh;q=0.9"}).text
    assert "登录" not in browser().get("/sign-in", headers={"accept-language": "de"}).text


def test_what_was_typed_comes_back_as_text(browser, people):
    page = entered(browser(), email='"><script>alert(1)</script>', next='/"onload="x')
    assert "<script" not in page.text
    assert 'value="&quot;&gt;&lt;script' in page.text
    assert "another" not in page.text


def test_a_password_never_comes_back(browser, people):
    assert "a wrong secret" not in entered(browser(), password="a wrong secret").text


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 (KHTML, like Gecko) Chrome/140 Safari/537",
            "Chrome, Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) AppleWebKit/605 Version/26 Safari/605", "Safari, macOS"),
        ("curl/8", ""),
        ("<script>", ""),
    ],
)
def test_browsers_have_short_names(agent, name):
    assert browsers.name(agent) == name
