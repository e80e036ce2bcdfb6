"""`deploy/nginx.conf` before a running server: TLS, names, addresses, and files of every size.

The file is taken as it is; ports, the two files of the certificate and the log are moved.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.operations.test_serving import register
from tests.ports import free_port
from tests.world import PASSWORD

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NAME = "desk.example.com"
MEBIBYTE = 1024 * 1024

MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")


class Proxy:
    """A running nginx, and the ports that it listens on."""

    def __init__(self, folder: Path, server: int) -> None:
        self.plain, self.port = free_port(), free_port()
        self.certificate = folder / "fullchain.pem"
        _certify(folder)
        site = CONFIGURATION.read_text(encoding="utf-8")
        moved = {
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "    listen [::]:80;\n": "",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "    listen [::]:443 ssl;\n": "",
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{server};",
            "/etc/ssl/ticketing-server": str(folder),
            "/var/log/nginx": str(folder),
        }
        for written, meant in moved.items():
            assert written in site
            site = site.replace(written, meant)
        (folder / "site.conf").write_text(site)
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        folder.chmod(0o755)
        command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        self.checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        self.process = subprocess.Popen(command)

    def client(self, **headers: str) -> httpx.Client:
        """Speaks to the proxy by the server's name, and checks its certificate."""
        return httpx.Client(
            base_url=f"https://{NAME}:{self.port}/api/tickets",
            transport=_ByName(self.certificate),
            headers={"Host": NAME, **headers},
            timeout=30,
        )


class _ByName(httpx.HTTPTransport):
    """Finds the name on this machine, without asking anybody."""

    def __init__(self, certificate: Path) -> None:
        import ssl

        super().__init__(verify=ssl.create_default_context(cafile=str(certificate)), retries=20)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = NAME
        request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


def _certify(folder: Path) -> None:
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*made, *subject, *files], capture_output=True, check=True)


@pytest.fixture
def proxy(start, database, tmp_path) -> Iterator[Proxy]:
    server = start(
        **database, ALLOWED_HOSTS=NAME, TRUSTED_PROXIES="127.0.0.1", AUTH_RATE_LIMIT="3/minute"
    )
    folder = tmp_path / "nginx"
    folder.mkdir()
    proxy = Proxy(folder, server.port)
    yield proxy
    proxy.process.terminate()
    proxy.process.wait(timeout=20)


def attach(client, headers, ticket, size):
    return client.post(
        "/attachments/",
        data={"ticket": str(ticket)},
        files={"file": ("core.bin", bytes(size))},
        headers=headers,
    )


def test_a_client_works_through_the_proxy_by_the_servers_own_name(proxy, tmp_path):
    assert proxy.checked.returncode == 0, proxy.checked.stderr

    with proxy.client() as client:
        headers = register(client)
        column = client.get("/columns/", headers=headers).json()[0]["id"]
        new = {"name": "Printer", "column": column}
        ticket = client.post("/tickets/", headers=headers, json=new).json()
        sent = attach(client, headers, ticket["id"], 25 * MEBIBYTE)
        too_large = attach(client, headers, ticket["id"], 25 * MEBIBYTE + 1)
        opened = client.get(sent.json()["file"].replace(NAME, f"{NAME}:{proxy.port}", 1))

    assert sent.status_code == 201
    assert sent.json()["file"].startswith(f"https://{NAME}/media/")
    assert len(opened.content) == 25 * MEBIBYTE
    assert (too_large.status_code, list(too_large.json())) == (413, ["detail"])
    assert sent.headers["Strict-Transport-Security"] == "max-age=31536000"
    logged = (tmp_path / "nginx" / "ticketing-server.log").read_text()
    assert "/media/attachments/" in logged
    assert "signature" not in logged


def test_a_long_query_comes_back_in_the_links_of_every_page(proxy):
    asked = {"page_size": 1, "page": 2, "note": "x" * 7000}

    with proxy.client() as client:
        page = client.get("/columns/", params=asked, headers=register(client))

    assert page.status_code == 200, page.text
    assert page.headers["Link"].count(asked["note"]) == 4


def test_who_makes_up_an_address_is_counted_by_their_own(proxy):
    with proxy.client() as client:
        guesses = [
            client.post(
                "/auth/login/",
                json={"username": f"guess{number}", "password": PASSWORD},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            )
            for number in range(4)
        ]

    assert [guess.status_code for guess in guesses] == [400, 400, 400, 429]


def test_what_is_not_for_everybody_stays_behind_the_proxy(proxy):
    with proxy.client() as client:
        root = client.base_url.copy_with(path="/")
        probes = {client.get(root.join(path)).status_code for path in ("/healthz", "/readyz")}
        stranger = client.get(root.join("/api/openapi.json"), headers={"Host": "evil.example.com"})
        redirected = httpx.get(f"http://127.0.0.1:{proxy.plain}/api/docs/", headers={"Host": NAME})

    assert probes == {404}
    assert stranger.status_code == 400
    assert redirected.headers["Location"] == f"https://{NAME}/api/docs/"
