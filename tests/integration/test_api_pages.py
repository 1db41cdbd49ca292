"""The web pages and health: what is served beside the interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig, site


@pytest.fixture(scope="module")
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        yield opened


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "webdist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>desk</title>")
    (folder / "assets" / "index-4f2a.js").write_text("export {}")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("not for the web")
    return folder


def test_hashed_files_are_kept_for_ever_and_the_index_is_asked_for_again(rig: DeskRig, pages: Path) -> None:
    client = rig.client(web_folder=pages)
    script = client.get(site(client, "/assets/index-4f2a.js"))
    assert "immutable" in script.headers["Cache-Control"]
    assert "javascript" in script.headers["Content-Type"]
    assert client.get(site(client, "/icon.svg")).headers["Cache-Control"] == "no-cache"
    index = client.get(site(client, "/"))
    assert index.headers["Cache-Control"] == "no-cache"
    assert "desk" in index.text


@pytest.mark.parametrize("path", ["/sign-in", "/history/12", "/ideas/abc"])
def test_client_routes_get_the_index(rig: DeskRig, pages: Path, path: str) -> None:
    client = rig.client(web_folder=pages)
    assert "desk" in client.get(site(client, path)).text


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/robots.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"]
)
def test_what_is_not_among_the_pages_is_not_served(rig: DeskRig, pages: Path, path: str) -> None:
    client = rig.client(web_folder=pages)
    answer = client.get(site(client, path))
    assert answer.status_code == 404
    assert "not for the web" not in answer.text
    error_of(answer)


def test_without_a_build_a_plain_page_says_what_to_do(rig: DeskRig, tmp_path: Path) -> None:
    client = rig.client(web_folder=tmp_path / "nothing")
    answer = client.get(site(client, "/"))
    assert answer.status_code == 503
    assert "make setup" in answer.text


def test_health_and_readiness(rig: DeskRig) -> None:
    client = rig.client()
    assert client.get(site(client, "/healthz")).json() == {"status": "ok"}
    rig.step()
    ready = client.get(site(client, "/readyz"))
    assert ready.status_code == 200, ready.text
    assert ready.json() == {"status": "ready", "record": True, "broker": True, "reconciled": True}


def test_the_document_of_the_interface_is_readable_without_signing_in(rig: DeskRig) -> None:
    document = rig.client().get("openapi.json").json()
    assert document["openapi"].startswith("3.1")
