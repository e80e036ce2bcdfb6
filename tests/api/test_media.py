"""The files themselves: who may open them, for how long, and what a browser is told (5.5)."""

import datetime as dt
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import client_of, make_app, token_of
from tests.world import add_attachment

ATTACHMENTS = "/tickets/attachments/"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NOT_FOUND = {"detail": "Not found."}
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
DEV_KEY = "dev-super-secret-key-12345"


@pytest.fixture
def clock(monkeypatch):
    """`clock(minutes=5)`: so long after noon."""

    def set_clock(**later):
        monkeypatch.setattr(
            "ticketing_server.core.media.signatures.now", lambda: NOON + dt.timedelta(**later)
        )

    set_clock()
    return set_clock


@pytest.fixture
def attach(world, as_user):
    async def attach(content=PNG, name="screenshot.png", person="uma"):
        answer = await as_user(person).post(
            ATTACHMENTS, data={"ticket": str(world.printer)}, files={"file": (name, content)}
        )
        return answer.json()["file"]

    return attach


def unsigned(address):
    return address.partition("?")[0]


async def test_a_signed_address_opens_the_file_without_a_token(client, attach):
    answer = await client.get(await attach())

    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"


async def test_an_address_carries_the_date_and_an_unguessable_part(attach, client):
    one, other = await attach(), await attach()
    _, media, room, year, month, day, secret, name = urlsplit(one).path.split("/")

    assert (media, room, name) == ("media", "attachments", "screenshot.png")
    assert dt.date(int(year), int(month), int(day)) == dt.datetime.now(dt.UTC).date()
    assert len(secret) == 32
    assert secret not in other


@pytest.mark.parametrize("person", ["alice", "adam", "uma", "mona", "root"])
async def test_whoever_sees_the_ticket_opens_it_with_their_token(as_user, attach, person):
    answer = await as_user(person).get(unsigned(await attach()))

    assert (answer.status_code, answer.content) == (200, PNG)


@pytest.mark.parametrize("person", ["ugo", "stella", "stan"])
async def test_for_anybody_else_it_is_not_there(as_user, attach, person):
    answer = await as_user(person).get(unsigned(await attach()))

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


async def test_without_any_credentials_one_is_told_to_sign_in(client, attach):
    there = await client.get(unsigned(await attach()))
    nowhere = await client.get("http://localhost/media/attachments/2026/01/01/x/y.png")

    assert there.status_code == nowhere.status_code == 401
    assert there.json() == nowhere.json()
    assert there.headers["www-authenticate"] == 'Bearer realm="api"'


async def test_a_bad_token_is_a_401(app, world, attach):
    async with client_of(app, Authorization="Bearer nonsense") as nobody:
        answer = await nobody.get(unsigned(await attach()))

    assert answer.status_code == 401


async def test_a_good_signature_needs_no_good_token(app, as_user, attach):
    address = await attach()

    async with client_of(app, Authorization="Bearer nonsense") as nobody:
        assert (await nobody.get(address)).status_code == 200
    assert (await as_user("stella").get(address)).status_code == 200


async def test_a_good_token_needs_no_good_signature(as_user, attach, clock):
    address = await attach()
    clock(hours=2)

    assert (await as_user("mona").get(address)).status_code == 200
    assert (await as_user("stella").get(address)).status_code == 404


async def test_the_signature_lasts_an_hour(client, attach, clock):
    address = await attach()

    clock(minutes=59, seconds=59)
    assert (await client.get(address)).status_code == 200
    clock(minutes=60)
    expired = await client.get(address)

    assert (expired.status_code, expired.json()) == (404, NOT_FOUND)


async def test_the_api_gives_a_fresh_address_each_minute(world, as_user, client, attach, clock):
    old = await attach()
    clock(hours=2)

    listed = await as_user("uma").get(ATTACHMENTS, params={"ticket": world.printer})

    assert unsigned(listed.json()[0]["file"]) == unsigned(old)
    assert (await client.get(listed.json()[0]["file"])).status_code == 200


def forged(address):
    """What somebody makes of an address who wants more than it gives."""
    bare, query = address.split("?")
    given = dict(parse_qsl(query))
    expires, signature = given["expires"], given["signature"]
    return [
        f"{bare}?expires={int(expires) + 3600}&signature={signature}",
        f"{bare}?expires=&signature={signature}",
        f"{bare}?signature={signature}",
        f"{bare}?expires={expires}&signature={signature[:-1]}",
        f"{bare}?expires={expires}&signature={'0' * 64}",
        f"{bare}?expires={expires}&signature=%FF%00%F0%9F%92%A9",
        f"{bare}?expires=%D9%A1&signature={signature}",
        f"{bare}?expires={expires}&signature={signature}".replace("screenshot", "other"),
        f"{bare}/../x.png?expires={expires}&signature={signature}",
        f"{bare.rpartition('/')[0]}?expires={expires}&signature={signature}",
        f"{bare.replace('attachments', 'attachments/..')}?expires={expires}&signature={signature}",
    ]


async def test_a_forged_signature_opens_nothing(client, attach):
    answers = [await client.get(address) for address in forged(await attach())]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert all(answer.json() == NOT_FOUND for answer in answers)


async def test_one_files_signature_does_not_open_another(client, attach):
    one, other = await attach(), await attach()

    answer = await client.get(f"{unsigned(other)}?{one.partition('?')[2]}")

    assert answer.status_code == 404


async def test_another_servers_secret_signs_nothing_here(world, data_dir, attach, as_user):
    address = await attach()
    stranger = make_app(DATA_DIR=str(data_dir), SECRET_KEY="another secret that is long enough too")

    async with client_of(stranger) as client:
        assert (await client.get(address)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "attachments/2026/01/01/x/../../../../../secret.key",
        "attachments/2026/01/01/x/%2e%2e%2f%2e%2e%2fsecret.key",
        "attachments/..%2f..%2fsecret.key",
        "attachments/2026/01/01/x",
        "attachments/2026/01/01/x/y.png/z",
        "attachments/",
        "company_logos",
        "",
        "attachments/a/b/c/d/%00",
        "attachments/a/b/c/d/%FF",
        "attachments/a/b/c/d/" + "x" * 3000,
    ],
)
async def test_no_way_leads_out_of_the_media_directory(as_user, data_dir, path):
    (data_dir / "secret.key").write_text("secret")

    answer = await as_user("root").get(f"http://localhost/media/{path}")

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


async def test_the_right_place_with_a_wrong_name_is_not_there(as_user, attach):
    address = unsigned(await attach())

    assert (await as_user("uma").get(address.replace("screenshot", "other"))).status_code == 404


async def test_a_deleted_attachments_address_opens_nothing(world, as_user, client, attach):
    address = await attach()
    listed = await as_user("uma").get(ATTACHMENTS, params={"ticket": world.printer})
    await as_user("uma").delete(f"{ATTACHMENTS}{listed.json()[0]['id']}/")

    assert (await client.get(address)).status_code == 404


async def test_a_row_whose_file_is_lost_is_a_404(world, as_user):
    await add_attachment(world.project, world.printer, world.people["uma"], "lost.txt")
    listed = await as_user("uma").get(ATTACHMENTS, params={"ticket": world.printer})

    assert (await as_user("uma").get(listed.json()[0]["file"])).status_code == 404


async def test_the_development_key_opens_it_too(world, data_dir, attach):
    settings = {"DEBUG": "true", "SUPER_SECRET_KEY": DEV_KEY, "DATA_DIR": str(data_dir)}
    address = unsigned(await attach())

    async with client_of(make_app(**settings), **{"X-Super-Secret-Key": DEV_KEY}) as root:
        assert (await root.get(address)).status_code == 200


async def test_a_safe_image_is_shown_in_place(client, attach):
    headers = (await client.get(await attach())).headers

    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"].startswith('inline; filename="screenshot.png"')
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("image.svg", b"<svg onload='alert(1)'/>"),
        ("fake.png", b"<script>alert(1)</script>"),
        ("report.pdf", b"%PDF-1.7"),
    ],
)
async def test_anything_else_is_for_download_only(client, attach, name, content):
    answer = await client.get(await attach(content, name))

    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_georgian_name_is_told_in_rfc_5987(client, attach):
    answer = await client.get(await attach(name='ანგარიში "1"; x.png'))

    assert answer.headers["content-disposition"] == (
        "inline; filename=\"________ _1__ x.png\"; filename*=UTF-8''"
        "%E1%83%90%E1%83%9C%E1%83%92%E1%83%90%E1%83%A0%E1%83%98%E1%83%A8%E1%83%98"
        "%20%221%22%3B%20x.png"
    )


@pytest.mark.parametrize(
    ("asked", "told", "part"),
    [
        ("bytes=0-9", "bytes 0-9/264", PNG[:10]),
        ("bytes=260-", "bytes 260-263/264", PNG[260:]),
        ("bytes=-4", "bytes 260-263/264", PNG[-4:]),
        ("bytes=-9999", "bytes 0-263/264", PNG),
        ("bytes=5-9999", "bytes 5-263/264", PNG[5:]),
    ],
)
async def test_a_part_of_a_file_may_be_asked_for(client, attach, asked, told, part):
    answer = await client.get(await attach(), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (206, part)
    assert answer.headers["content-range"] == told
    assert answer.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=264-", "bytes=9999-99999", "bytes=-0"])
async def test_a_part_past_the_end_is_a_416(client, attach, asked):
    answer = await client.get(await attach(), headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */264"


@pytest.mark.parametrize(
    "asked", ["bytes=9-1", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=" + "9" * 99 + "-", "x"]
)
async def test_a_range_that_is_not_understood_is_the_whole(client, attach, asked):
    answer = await client.get(await attach(), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_large_file_comes_whole_and_in_parts(client, attach):
    large = bytes(range(256)) * 4096
    address = await attach(large, "large.bin")

    whole = await client.get(address)
    part = await client.get(address, headers={"Range": "bytes=262000-800000"})

    assert whole.content == large
    assert part.content == large[262000:800001]


async def test_what_one_has_already_is_not_sent_again(client, attach):
    address = await attach()
    tag = (await client.get(address)).headers["etag"]

    same = await client.get(address, headers={"If-None-Match": f'"x", W/{tag}'})
    other = await client.get(address, headers={"If-None-Match": '"x"'})
    resumed = await client.get(address, headers={"Range": "bytes=0-1", "If-Range": tag})
    changed = await client.get(address, headers={"Range": "bytes=0-1", "If-Range": '"x"'})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert [one.status_code for one in (other, resumed, changed)] == [200, 206, 200]


async def test_head_tells_the_same_without_the_bytes(client, attach, data_dir):
    address = await attach()
    got, head = await client.get(address), await client.head(address)
    ignored = {"x-request-id"}

    assert (head.status_code, head.content) == (200, b"")
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }


async def test_opening_a_file_takes_one_statement_by_signature_two_by_token(
    client, as_user, attach, statements
):
    address = await attach()

    async with statements() as signed:
        await client.get(address)
    async with statements() as by_token:
        await as_user("uma").get(unsigned(address))

    assert (len(signed), len(by_token)) == (1, 2)


async def test_addresses_may_lie_on_another_host(world, data_dir, client):
    base = "https://files.example.com/media/"
    app = make_app(DATA_DIR=str(data_dir), MEDIA_URL_BASE=base)
    headers = {"Authorization": f"Bearer {token_of(world, 'uma')}"}

    async with client_of(app, **headers) as uma:
        answer = await uma.post(
            ATTACHMENTS, data={"ticket": str(world.printer)}, files={"file": ("a.png", PNG)}
        )
    address = answer.json()["file"]

    assert address.startswith("https://files.example.com/media/attachments/")
    here = address.replace("https://files.example.com", "http://localhost")
    assert (await client.get(here)).status_code == 200


async def test_the_address_is_on_the_host_that_was_asked(world, as_user):
    headers = {"Host": "tickets.example.com"}

    answer = await as_user("uma").post(
        ATTACHMENTS,
        data={"ticket": str(world.printer)},
        files={"file": ("a.png", PNG)},
        headers=headers,
    )

    assert answer.json()["file"].startswith("http://tickets.example.com/media/attachments/")


async def test_nothing_can_be_written_there(as_user, attach):
    address = await attach()

    answers = [await as_user("root").request(m, address) for m in ("POST", "PUT", "DELETE")]

    assert [answer.status_code for answer in answers] == [405] * 3
