"""The loopback server: files of the folder, strict headers, nothing else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.site.serve import NoSite, find_file, server_of


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "data").mkdir(parents=True)
    (folder / "es").mkdir()
    (folder / "index.html").write_text("<p>home</p>")
    (folder / "es" / "index.html").write_text("<p>inicio</p>")
    (folder / "data" / "a.csv").write_text("a\n")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    with server_of(site, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ask(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def test_pages_come_with_strict_headers(port: int) -> None:
    status, headers, body = ask(port, "/")
    assert (status, body) == (200, b"<p>home</p>")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "Python" not in headers["server"]


def test_a_folder_is_never_listed(port: int) -> None:
    assert ask(port, "/data/")[0] == 404
    assert ask(port, "/data")[0] == 404


def test_a_language_without_its_slash_is_sent_to_it(port: int) -> None:
    status, headers, _ = ask(port, "/es")
    assert (status, headers["location"]) == (301, "/es/")


def test_head_sends_no_body_and_other_methods_are_refused(port: int) -> None:
    assert ask(port, "/data/a.csv", "HEAD")[2] == b""
    assert ask(port, "/", "POST")[0] == 501


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/data/..%2f..%2fsecret.txt",
        "//etc/passwd",
        "/..\\secret.txt",
        "/link.txt",
        "/data/a.csv%00.html",
    ],
)
def test_no_path_leads_out_of_the_folder(site: Path, path: str) -> None:
    assert find_file(site.resolve(), path) is None


def test_a_folder_without_a_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSite, match=r"holds no pages \(no index.html\)"):
        server_of(tmp_path, port=0)
