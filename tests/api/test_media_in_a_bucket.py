"""Attachments and logos on a server whose files lie in a bucket (MEDIA_URL)."""

import asyncio

import pytest

from tests.api.test_logos import FORM, PNG, address, change
from tests.conftest import client_of, make_app
from tests.pictures import drawn, opened
from ticketing_server.core.db import Sql, scalars
from ticketing_server.core.media.bucket import Bucket
from ticketing_server.core.media.unclaimed import remove_due

ATTACHMENTS = "/tickets/attachments/"
MEBIBYTE = 1024 * 1024
LARGE = bytes(range(256)) * 4096 * 12


class Media:
    """The bucket, and the files in it."""

    def __init__(self, s3):
        self.s3, self.name = s3, s3.new_bucket()
        self.address = f"s3://{self.name}/desk"

    def files(self):
        return self.s3.objects(self.name)

    async def is_empty(self):
        unclaimed = await scalars(Sql("SELECT path FROM unclaimed_file"), str)
        return self.files() == self.s3.unfinished(self.name) == unclaimed == []


@pytest.fixture
def media(s3):
    return Media(s3)


@pytest.fixture
def app(tmp_path, media):
    return make_app(DATA_DIR=str(tmp_path), MEDIA_URL=media.address)


@pytest.fixture
def uma(as_user):
    return as_user("uma")


async def upload(client, ticket, content=PNG, name="screenshot.png"):
    files = {"file": (name, content)}
    return await client.post(ATTACHMENTS, data={"ticket": str(ticket)}, files=files)


@pytest.mark.parametrize("content", [PNG, LARGE], ids=["whole", "in parts"])
async def test_a_file_is_stored_and_opened(world, uma, client, media, tmp_path, content):
    stored = (await upload(uma, world.printer, content)).json()

    opened_again = await client.get(stored["file"])

    assert opened_again.content == content
    assert len(media.files()) == 1
    assert media.files()[0].startswith("desk/attachments/")
    assert not (tmp_path / "media").exists()


async def test_only_who_may_see_the_ticket_opens_it(world, as_user, uma, client):
    address = (await upload(uma, world.printer)).json()["file"].partition("?")[0]

    assert (await as_user("mona").get(address)).content == PNG
    assert (await as_user("ugo").get(address)).status_code == 404
    assert (await client.get(address)).status_code == 401


async def test_a_part_of_a_large_file_is_sent_and_what_one_has_is_not(world, uma, client):
    address = (await upload(uma, world.printer, LARGE)).json()["file"]

    part = await client.get(address, headers={"Range": "bytes=1000000-4000000"})
    head = await client.head(address)
    again = await client.get(address, headers={"If-None-Match": head.headers["etag"]})

    assert (part.status_code, part.content) == (206, LARGE[1000000:4000001])
    assert head.headers["content-length"] == str(len(LARGE))
    assert (again.status_code, again.content) == (304, b"")


async def test_a_deleted_file_is_gone(world, uma, media):
    id = (await upload(uma, world.printer)).json()["id"]

    assert (await uma.delete(f"{ATTACHMENTS}{id}/")).status_code == 204

    assert await media.is_empty()


async def test_files_of_a_deleted_ticket_are_swept(world, as_user, uma, media):
    for n in range(3):
        await upload(uma, world.printer, name=f"{n}.png")
    await as_user("alice").delete(f"/tickets/tickets/{world.printer}/")
    assert len(media.files()) == 3

    await remove_due(Bucket(media.address))

    assert await media.is_empty()


@pytest.mark.parametrize("content", [PNG, LARGE], ids=["whole", "in parts"])
async def test_a_refused_upload_leaves_nothing(world, uma, media, content):
    answer = await upload(uma, world.other_ticket, content)

    assert answer.status_code == 400
    assert await media.is_empty()


async def test_an_upload_without_its_end_leaves_nothing(world, uma, media):
    async def pieces():
        yield b'--cut\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        for _ in range(12):
            yield b"x" * MEBIBYTE

    answer = await uma.post(ATTACHMENTS, content=pieces(), headers=FORM)

    assert answer.status_code == 400
    assert await media.is_empty()


async def test_uploads_at_the_same_time_do_not_meet(world, uma, client):
    contents = [f"{n}".encode() * MEBIBYTE * (n + 3) for n in range(4)]

    answers = await asyncio.gather(*(upload(uma, world.printer, one) for one in contents))

    opened_again = [await client.get(answer.json()["file"]) for answer in answers]
    assert [one.content for one in opened_again] == contents


async def test_a_logo_comes_goes_and_is_public(world, as_user, client, media):
    alice, acme = as_user("alice"), world.companies["Acme"]

    first = (await change(alice, acme)).json()
    second = (await change(alice, acme, drawn("WEBP"))).json()
    logo, thumbnail = await client.get(second["logo"]), await client.get(second["logo_thumbnail"])

    assert (await client.get(first["logo"])).status_code == 404
    assert (opened(logo.content).format, logo.headers["content-type"]) == ("WEBP", "image/webp")
    assert opened(thumbnail.content).size == (64, 64)
    assert len(media.files()) == 2
    assert (await alice.delete(address(acme))).status_code == 204
    assert await media.is_empty()


# The bucket is away


@pytest.fixture
async def lost(world, as_user, media, monkeypatch, tmp_path):
    """uma's attachment, Acme's logo, and two clients of a server that has lost the bucket."""
    uma, alice = as_user("uma"), as_user("alice")
    file = (await upload(uma, world.printer)).json()
    logo = (await change(alice, world.companies["Acme"])).json()["logo"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    app = make_app(DATA_DIR=str(tmp_path), MEDIA_URL=media.address)
    signed_in = [one.headers["authorization"] for one in (uma, alice)]
    async with (
        client_of(app, Authorization=signed_in[0]) as uma,
        client_of(app, Authorization=signed_in[1]) as alice,
    ):
        yield file, logo, uma, alice


async def test_while_the_bucket_is_away_files_are_a_503(world, lost):
    file, logo, uma, alice = lost

    answers = [
        await uma.get(file["file"]),
        await uma.get(logo),
        await upload(uma, world.printer),
        await upload(uma, world.printer, LARGE),
        await change(alice, world.companies["Acme"], drawn("GIF")),
    ]

    assert [answer.status_code for answer in answers] == [503] * 5
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert all(answer.json().keys() == {"detail"} for answer in answers)
    assert (await uma.get(f"/tickets/tickets/{world.printer}/")).status_code == 200
    listed = await uma.get(ATTACHMENTS, params={"ticket": world.printer})
    assert [one["id"] for one in listed.json()] == [file["id"]]
    assert (await alice.get(address(world.companies["Acme"]))).json()["logo"] == logo


async def test_what_was_deleted_while_the_bucket_was_away_is_removed_later(
    lost, media, monkeypatch
):
    file, _, uma, _ = lost
    assert (await uma.delete(f"{ATTACHMENTS}{file['id']}/")).status_code == 204
    assert len(media.files()) == 3

    monkeypatch.setenv("AWS_ENDPOINT_URL", media.s3.endpoint)
    await remove_due(Bucket(media.address))

    assert len(media.files()) == 2
    assert await scalars(Sql("SELECT path FROM unclaimed_file"), str) == []


async def test_a_lost_file_is_a_404_and_a_lost_bucket_a_503(world, uma, media):
    address = (await upload(uma, world.printer)).json()["file"]

    await Bucket(media.address).remove([media.files()[0].removeprefix("desk/")])
    assert (await uma.get(address)).status_code == 404

    media.s3.remove_bucket(media.name)
    assert (await uma.get(address)).status_code == 503
