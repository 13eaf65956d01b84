"""The site as a reader meets it: it builds without a warning, every link leads somewhere, every figure is there."""

import json
import shutil
import subprocess
import sys
import threading
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import websocket
from bs4 import BeautifulSoup

import policylab as lab
from tests.conftest import ROOT

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-port=0"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-c", "docs", ".", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def parsed(site) -> dict[Path, BeautifulSoup]:
    read = {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in site.rglob("*.html")}
    return {page: soup for page, soup in read.items() if "_static" not in page.parts}


def test_every_notebook_and_document_is_on_the_site(site, parsed):
    expected = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "docs").glob("*.md")]
    assert {path.relative_to(ROOT).with_suffix(".html") for path in expected} <= {
        page.relative_to(site) for page in parsed
    }


def test_every_public_name_is_described(site, parsed):
    described = {tag["id"] for tag in parsed[site / "docs" / "api.html"].select("dt[id]")}
    assert {f"policylab.{name}" for name in lab.__all__} <= described


def test_no_internal_link_is_dead(parsed):
    names = {
        page: {tag[key] for key in ("id", "name") for tag in soup.select(f"[{key}]")} for page, soup in parsed.items()
    }
    followed = 0
    for page, soup in parsed.items():
        for tag in soup.select("a[href], link[href], img[src], script[src]"):
            target = tag.get("href") or tag.get("src")
            assert tag.name == "a" or not target.startswith(("http:", "https:", "//")), (page, target)
            if target.startswith(("http:", "https:", "mailto:", "data:", "javascript:")):
                continue
            address, anchor = urldefrag(urljoin(page.as_uri(), target))
            file = Path(unquote(urlsplit(address).path))
            assert file.is_file(), (page.name, target)
            if anchor and file in names and anchor not in ("main-content", "searchbox"):
                assert unquote(anchor) in names[file], (page.name, target)
            followed += 1
    assert followed > 500


def test_every_figure_has_a_text_alternative(parsed):
    seen = 0
    for page, soup in parsed.items():
        for image in soup.select("img"):
            assert len(image.get("alt", "")) > 30, (page.name, image)
            seen += 1
    assert seen >= 13


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium on the path")
def test_a_browser_finds_no_fault(site, parsed, tmp_path):
    """Every page in headless Chromium: nothing on the console, nothing from elsewhere, every picture drawn."""
    handler = partial(_Silent, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        process = subprocess.Popen(
            [BROWSER, *FLAGS, *QUIET, f"--user-data-dir={tmp_path}", "about:blank"],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            tab = _Tab(process)
            pictures = 0
            for page in sorted(parsed):
                address = f"http://127.0.0.1:{server.server_port}/{page.relative_to(site).as_posix()}"
                faults, drawn = tab.visit(address)
                assert not faults, (page.name, faults)
                assert all(drawn), page.name
                pictures += len(drawn)
            assert pictures >= 13
        finally:
            process.terminate()
            process.wait()
            server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class _Tab:
    """One tab of a browser, over the DevTools protocol."""

    def __init__(self, process: subprocess.Popen):
        line = next(line for line in process.stderr if "DevTools listening on" in line)
        port = line.rsplit("ws://", 1)[1].split("/")[0]
        with urllib.request.urlopen(f"http://{port}/json") as answer:
            target = next(entry for entry in json.load(answer) if entry["type"] == "page")
        self.socket = websocket.create_connection(target["webSocketDebuggerUrl"], suppress_origin=True, timeout=30)
        self.number = 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters) -> tuple[dict, list[dict]]:
        """Send one question; give its answer and what happened until then."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        events = []
        while (message := json.loads(self.socket.recv())).get("id") != self.number:
            events.append(message)
        assert "error" not in message, message
        return message["result"], events

    def visit(self, address: str) -> tuple[list[str], list[bool]]:
        """Load a page; give what the console complained of, and for each picture whether it is drawn."""
        _, events = self.ask("Page.navigate", url=address)
        while not any(event["method"] == "Page.loadEventFired" for event in events):
            events.append(json.loads(self.socket.recv()))
        result, later = self.ask(
            "Runtime.evaluate",
            expression="JSON.stringify([...document.querySelectorAll('main img')].map("
            "i => i.complete && i.naturalWidth > 0 && i.getBoundingClientRect().width > 100))",
        )
        faults = [str(event["params"]) for event in [*events, *later] if _is_fault(event, address)]
        return faults, json.loads(result["result"]["value"])


def _is_fault(event: dict, address: str) -> bool:
    parameters = event["params"]
    match event["method"]:
        case "Runtime.exceptionThrown" | "Network.loadingFailed":
            return True
        case "Runtime.consoleAPICalled":
            return parameters["type"] in ("error", "assert")
        case "Log.entryAdded":
            return parameters["entry"]["level"] == "error"
        case "Network.requestWillBeSent":
            here = urljoin(address, "/")
            return not parameters["request"]["url"].startswith((here, "data:", "blob:"))
    return False
