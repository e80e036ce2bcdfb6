"""The files in `deploy/` speak of settings, commands, ports and directories that there are."""

import configparser
import re
import shutil
import subprocess

import pytest
import yaml

from tests.container.containerfile import read
from tests.container.locks import CHECKOUT
from tests.container.roots import BASE_ENVIRONMENT
from ticketing_server.settings import Settings

DEPLOY = CHECKOUT / "deploy"
SETTINGS = {name.upper() for name in Settings.__struct_fields__}
UNIT = DEPLOY / "ticketing-server.service"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
IMAGE = read((CHECKOUT / "Containerfile").read_text(encoding="utf-8"), BASE_ENVIRONMENT)[-1]


def unit() -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, comment_prefixes="#")
    parsed.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    parsed.read(UNIT, encoding="utf-8")
    return parsed


def test_the_service_keeps_everything_where_it_alone_may_write():
    service = unit()["Service"]
    directory = f"/var/lib/{service['StateDirectory']}"

    assert service["Environment"] == f"DATA_DIR={directory}"
    assert service["WorkingDirectory"] == directory
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    assert service["User"] not in {"root", "nobody"}
    assert service["ExecStart"].endswith("/bin/ticketing-server serve")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_understands_the_service(tmp_path):
    """Neither the program nor the user need be on the machine that checks."""
    text = UNIT.read_text(encoding="utf-8")
    copy = tmp_path / UNIT.name
    copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))

    checked = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, UNIT.name in checked.stderr) == (0, False), checked.stderr


def test_the_composed_server_is_the_image_as_it_was_tried():
    server = COMPOSE["services"]["server"]

    assert server["environment"].keys() <= SETTINGS
    assert [volume.partition(":")[2] for volume in server["volumes"]] == IMAGE.settings["VOLUME"]
    assert [port.rpartition(":")[2] for port in server["ports"]] == IMAGE.settings["EXPOSE"]
    assert (server["read_only"], server["cap_drop"]) == (True, ["ALL"])
    assert (DEPLOY / server["build"]["context"]).resolve() == CHECKOUT


def test_the_composed_server_trusts_the_gateway_that_the_proxy_comes_from():
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]

    trusted = COMPOSE["services"]["server"]["environment"]["TRUSTED_PROXIES"]
    assert trusted == "${TRUSTED_PROXIES:-" + network["gateway"] + "}"


def test_the_image_begins_with_one_version_and_two_stages_alike():
    stages = read((CHECKOUT / "Containerfile").read_text(encoding="utf-8"), BASE_ENVIRONMENT)

    assert len({stage.base for stage in stages}) == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-\w+", stages[0].base)
