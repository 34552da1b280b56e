"""The cache of hot answers: what it answers is what the application would have answered, byte for byte."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from katalod.errors import NoRelease
from katalod.web.hot import Hot


class Application:
    """Answers with a count of how often it was asked; its ETag is made as ours are."""

    def __init__(self) -> None:
        self.release = "000001-aaaaaaaa"
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.size = 10

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.asked[request.full_path] += 1
        tongue = request.headers.get("Accept-Language", "")
        body = f"{self.release} {request.full_path} {tongue} ".encode() + b"x" * self.size
        answer = Response(body, content_type="text/plain")
        answer.headers |= {"Vary": "Accept-Language", "Cache-Control": "public, max-age=60", "Last-Modified": "then"}
        answer.set_etag(f"{self.release}-stamp-{tongue}")
        answer.headers.update(self.headers)
        if request.headers.get("If-None-Match") == answer.headers["ETag"]:
            answer = Response(status=304, headers={k: v for k, v in answer.headers.items() if k != "Last-Modified"})
        return answer(environ, start_response)


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def counted() -> Counter[int]:
    return Counter()


@pytest.fixture
def client(application: Application, counted: Counter[int]) -> Client:
    return Client(
        Hot(application, lambda: application.release, lambda status: counted.update([status]), 100_000), Response
    )


def test_the_second_answer_is_the_first_without_the_application(client: Client, application: Application) -> None:
    first, second = client.get("/a?b=1"), client.get("/a?b=1")
    assert (first.status, list(first.headers), first.data) == (second.status, list(second.headers), second.data)
    assert application.asked == {"/a?b=1": 1}


def test_what_varies_is_kept_apart(client: Client, application: Application) -> None:
    german, english = (client.get("/a", headers={"Accept-Language": tag}).data for tag in ("de", "en"))
    assert german != english
    assert client.get("/a", headers={"Accept-Language": "de", "Accept": "x/y"}).data == german
    assert application.asked == {"/a?": 2}
    client.get("/a?x")
    assert application.asked == {"/a?": 2, "/a?x": 1}


def test_head_and_not_modified_are_answered_as_the_application_does(
    client: Client, application: Application, counted: Counter[int]
) -> None:
    first = client.get("/a")
    head = client.head("/a")
    assert (head.data, list(head.headers)) == (b"", list(first.headers))
    plain = Client(application, Response).get("/a", headers={"If-None-Match": first.headers["ETag"]})
    for condition in (first.headers["ETag"], f'"x", W/{first.headers["ETag"]}', "*"):
        same = client.get("/a", headers={"If-None-Match": condition})
        assert (same.status_code, same.data, dict(same.headers)) == (304, b"", dict(plain.headers))
    assert client.get("/a", headers={"If-Modified-Since": "then"}).status_code == 304
    assert client.get("/a", headers={"If-Modified-Since": "then", "If-None-Match": '"x"'}).status_code == 200
    assert counted == {200: 2, 304: 4}


def test_another_release_is_answered_anew(client: Client, application: Application) -> None:
    client.get("/a")
    application.release = "000002-bbbbbbbb"
    assert client.get("/a").data.startswith(b"000002")
    application.release = "000001-aaaaaaaa"
    assert client.get("/a").data.startswith(b"000001")
    assert application.asked["/a?"] == 3


@pytest.mark.parametrize(
    "headers",
    [{"ETag": '"other"'}, {"ETag": '"000001-aaaaaaaab-x"'}, {"Cache-Control": "no-store"}, {"Cache-Control": "no-cache"},
     {"Cache-Control": "private"}, {"Vary": "*"}, {"Set-Cookie": "a=b"}, {"ETag": ""}],
)  # fmt: skip
def test_what_is_not_of_the_release_alone_is_not_kept(
    client: Client, application: Application, headers: dict[str, str]
) -> None:
    application.headers = headers
    client.get("/a")
    client.get("/a")
    assert application.asked == {"/a?": 2}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_pass(client: Client, application: Application, method: str) -> None:
    client.get("/a")
    client.open("/a", method=method)
    assert application.asked == {"/a?": 2}


def test_the_cache_is_bounded_in_bytes_and_drops_the_least_asked(application: Application) -> None:
    application.size = 3000
    hot = Hot(application, lambda: application.release, lambda status: None, 50_000)
    client = Client(hot, Response)
    for number in range(40):
        client.get(f"/{number}")
        client.get("/0")  # asked for all the time, so it stays
        assert hot._bytes <= 50_000
        assert hot._bytes == sum(kept.size for kept in hot._answers.values())
        assert set(hot._varies) == set(hot._variants) == {key[:2] for key in hot._answers}
    assert application.asked["/0?"] == 1
    client.get("/1")
    assert application.asked["/1?"] == 2
    application.size = 2_000_000
    client.get("/huge")
    client.get("/huge")
    assert application.asked["/huge?"] == 2


def test_a_key_counts_and_a_long_one_is_not_kept(application: Application) -> None:
    hot = Hot(application, lambda: application.release, lambda status: None, 50_000)
    client = Client(hot, Response)
    client.get("/a")
    short = hot._bytes
    client.get("/b?" + "x" * 1000)
    assert hot._bytes > 2 * short + 1000
    client.get("/c?" + "x" * 2048)
    client.get("/c", headers={"Accept-Language": "x" * 2048})
    assert {key[0] for key in hot._answers} == {key[0] for key in hot._varies} == {"/a", "/b"}


def test_an_address_is_known_as_long_as_one_of_its_answers_is_kept(application: Application) -> None:
    hot = Hot(application, lambda: application.release, lambda status: None, 3000)
    client = Client(hot, Response)
    for tag in ("de", "en", "de", "fr", "it"):
        client.get("/a", headers={"Accept-Language": tag})
        assert dict(hot._variants) == {("/a", ""): len(hot._answers)}
        assert set(hot._varies) == {("/a", "")}
    client.get("/b")
    client.get("/c")
    client.get("/d")
    assert set(hot._varies) == {key[:2] for key in hot._answers}
    assert ("/a", "") not in hot._varies


def test_an_answer_is_kept_no_longer_than_it_says(client: Client, application: Application) -> None:
    application.headers = {"Cache-Control": "public, max-age=0"}
    client.get("/a")
    client.get("/a")
    assert application.asked == {"/a?": 2}


def test_without_a_release_the_application_answers(application: Application) -> None:
    def none() -> str:
        raise NoRelease("nothing yet")

    assert Client(Hot(application, none, lambda status: None, 1000), Response).get("/a").status_code == 200


def test_an_answer_of_a_release_that_has_just_gone_is_not_kept(application: Application) -> None:
    def release() -> str:
        return "000002-bbbbbbbb"  # the application still answers for the one before

    client = Client(Hot(application, release, lambda status: None, 100_000), Response)
    client.get("/a")
    client.get("/a")
    assert application.asked == {"/a?": 2}
