"""Logos: what is taken for one, what becomes of it, and who may set it (rulings 6.5, 5.5)."""

import asyncio

import httpx
import pytest
from PIL import Image

from tests.conftest import client_of, make_app
from tests.pictures import BLUE, RED, SVG, declaring, drawn, moving, opened, saved, telling
from tests.world import everything_stored
from ticketing_server.core.db import Sql, execute, row, scalars
from ticketing_server.core.media.files import LocalDirectory
from ticketing_server.core.media.unclaimed import remove_due

COMPANIES = "/tickets/companies/"
MEBIBYTE = 1024 * 1024
FORM = {"Content-Type": "multipart/form-data; boundary=cut"}
PNG = drawn()
FIELDS = ("logo", "logo_url", "logo_thumbnail", "logo_thumbnail_url")


@pytest.fixture
def files(data_dir):
    """What lies in the media directory."""
    return lambda: [path for path in (data_dir / "media").rglob("*") if path.is_file()]


@pytest.fixture
def acme(world):
    return world.companies["Acme"]


@pytest.fixture
def alice(as_user):
    return as_user("alice")


def address(company):
    return f"{COMPANIES}{company}/"


async def change(client, company, content=PNG, *, called="logo.png", headers=None, **fields):
    return await client.patch(
        address(company), data=fields, files={"logo": (called, content)}, headers=headers
    )


async def logo_of(company):
    found = await row(
        Sql("SELECT logo, logo_thumbnail FROM company WHERE id = {}", company), dict[str, object]
    )
    return list(found.values())


async def nothing_was_kept(files):
    return files() == await scalars(Sql("SELECT path FROM unclaimed_file"), str) == []


# What is taken


KINDS = [
    ("PNG", "image/png", ".png"),
    ("JPEG", "image/jpeg", ".jpg"),
    ("GIF", "image/gif", ".gif"),
    ("WEBP", "image/webp", ".webp"),
]


@pytest.mark.parametrize(("kind", "media_type", "ending"), KINDS)
async def test_a_logo_is_public_with_a_thumbnail_of_64_by_64(
    alice, client, acme, kind, media_type, ending
):
    answer = await change(alice, acme, drawn(kind), called="whatever.txt")

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["logo"] == shown["logo_url"]
    assert shown["logo"].startswith("http://localhost/media/company_logos/")
    assert shown["logo"].endswith(ending)
    assert shown["logo_thumbnail"] == shown["logo_thumbnail_url"]
    assert "/media/company_logos/thumbs/thumb_" in shown["logo_thumbnail"]
    logo, thumbnail = await client.get(shown["logo"]), await client.get(shown["logo_thumbnail"])
    assert (logo.headers["content-type"], opened(logo.content).format) == (media_type, kind)
    assert opened(logo.content).size == (120, 60)
    assert thumbnail.headers["content-type"] == "image/png"
    assert opened(thumbnail.content).size == (64, 64)


async def test_the_thumbnail_shows_the_whole_logo_in_the_middle(alice, client, acme):
    shown = (await change(alice, acme)).json()

    thumbnail = opened((await client.get(shown["logo_thumbnail"])).content)

    assert [thumbnail.getpixel((x, 32)) for x in (5, 58)] == [(*RED, 255), (*BLUE, 255)]
    assert [thumbnail.getpixel((32, y))[3] for y in (2, 61)] == [0, 0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_a_png_of_any_mode_is_taken(alice, acme, mode):
    picture = saved(Image.new("L", (30, 20), 200).convert(mode), "PNG")

    assert (await change(alice, acme, picture)).status_code == 200


async def test_a_print_colours_jpeg_is_taken(alice, client, acme):
    printed = saved(Image.new("CMYK", (30, 20)), "JPEG")

    shown = (await change(alice, acme, printed)).json()

    assert opened((await client.get(shown["logo"])).content).mode == "RGB"


async def test_a_banner_of_one_line_has_a_thumbnail_too(alice, client, acme):
    shown = (await change(alice, acme, drawn(size=(2000, 1)))).json()

    assert opened((await client.get(shown["logo_thumbnail"])).content).size == (64, 64)


async def test_a_logo_stands_upright_and_tells_nothing_about_who_made_it(alice, client, acme):
    shown = (await change(alice, acme, telling() + b"<script>behind the end</script>")).json()

    logo = (await client.get(shown["logo"])).content

    assert opened(logo).size == (60, 120)
    assert not opened(logo).getexif()
    assert b"uma" not in logo
    assert b"script" not in logo


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_of_a_moving_logo_the_first_frame_is_kept(alice, client, acme, kind):
    shown = (await change(alice, acme, moving(kind))).json()

    logo = opened((await client.get(shown["logo"])).content)

    assert getattr(logo, "n_frames", 1) == 1
    assert logo.convert("RGB").getpixel((5, 5))[0] > 240


async def test_twenty_five_megapixels_are_taken(alice, acme):
    largest = saved(Image.new("1", (5000, 5000)), "PNG")

    assert (await change(alice, acme, largest)).status_code == 200


# What is not


NO_PICTURE = "Upload a PNG, JPEG, GIF or WebP image."
BROKEN = "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
TOO_MANY = "The image has more than 25 megapixels."
UNFIT = {
    "svg": (SVG, NO_PICTURE),
    "html": (b"<script>alert(1)</script>", NO_PICTURE),
    "bmp": (drawn("BMP"), NO_PICTURE),
    "tiff": (drawn("TIFF"), NO_PICTURE),
    "nothing": (b"", "The submitted file is empty."),
    "a png's first bytes": (PNG[:8], BROKEN),
    "a png cut off": (saved(Image.effect_noise((90, 90), 99), "PNG")[:-2000], BROKEN),
    "a jpeg cut off": (saved(Image.effect_noise((90, 90), 99), "JPEG")[:-900], BROKEN),
    "svg behind a png's first bytes": (PNG[:8] + SVG, BROKEN),
    "svg behind a gif's first bytes": (b"GIF89a" + SVG, BROKEN),
    "svg behind a webp's first bytes": (b"RIFF\x10\x00\x00\x00WEBP" + SVG, BROKEN),
    "a bomb": (declaring(50_000, 50_000), TOO_MANY),
    "a bomb beyond reason": (declaring(2**31 - 1, 2**31 - 1), TOO_MANY),
    "one line too many": (saved(Image.new("1", (5000, 5001)), "PNG"), TOO_MANY),
    "a webp too large": (saved(Image.new("L", (7000, 7000)), "WEBP", method=0), TOO_MANY),
}


@pytest.mark.parametrize("what", UNFIT)
async def test_what_is_no_logo_is_a_wrong_field_and_changes_nothing(alice, files, acme, what):
    content, why = UNFIT[what]
    before = await everything_stored()

    changed = await change(alice, acme, content)
    created = await alice.post(COMPANIES, data={"name": "New"}, files={"logo": content})

    assert changed.status_code == created.status_code == 400
    assert changed.json() == created.json() == {"logo": [why]}
    assert await everything_stored() == before
    assert await nothing_was_kept(files)


async def test_a_file_of_more_than_5_mb_is_too_large(alice, files, acme):
    large = PNG + bytes(5 * MEBIBYTE - len(PNG))

    assert (await change(alice, acme, large)).status_code == 200
    refused = await change(alice, acme, large + b"x")

    assert (refused.status_code, refused.json()) == (
        413,
        {"detail": "The file is larger than 5 MB."},
    )
    assert len(files()) == 2


async def test_every_wrong_field_is_told_at_once(alice, files):
    answer = await alice.post(
        COMPANIES,
        data={"name": " ", "primary_contact_email": "x", "admin_ids": "many"},
        files={"logo": SVG},
    )

    assert answer.json().keys() == {"name", "primary_contact_email", "admin_ids", "logo"}
    assert answer.json()["logo"] == [NO_PICTURE]
    assert await nothing_was_kept(files)


async def test_a_project_that_one_does_not_see_is_told_with_the_rest(world, alice, files):
    answer = await alice.post(
        COMPANIES,
        data={"name": "", "project_ids": str(world.other_project)},
        files={"logo": SVG},
    )

    assert answer.json().keys() == {"name", "project_ids", "logo"}
    assert await nothing_was_kept(files)


@pytest.mark.parametrize("logo", ["x", 1, [], True, {"path": "company_logos/x", "data": "eA=="}])
async def test_json_brings_no_logo(alice, acme, logo):
    answer = await alice.patch(address(acme), json={"logo": logo})

    assert answer.status_code == 400
    assert answer.json() == {
        "logo": ["The submitted data was not a file. Check the encoding type on the form."]
    }


async def test_a_text_in_a_form_is_no_logo(alice, acme):
    answer = await alice.patch(address(acme), files={"logo": (None, "company_logos/x.png")})

    assert (answer.status_code, answer.json().keys()) == (400, {"logo"})


async def test_two_logos_at_once_are_refused(alice, files, acme):
    answer = await alice.patch(address(acme), files=[("logo", ("a", PNG)), ("logo", ("b", PNG))])

    assert (answer.status_code, answer.json()) == (400, {"logo": ["Send one file at a time."]})
    assert await nothing_was_kept(files)


async def test_a_broken_form_is_refused(alice, acme):
    broken = {"content": b"--cut\r\nnonsense", "headers": FORM}

    changed = await alice.patch(address(acme), **broken)
    created = await alice.post(COMPANIES, **broken)

    assert (changed.status_code, created.status_code) == (400, 400)
    assert "multipart" in changed.json()["detail"].lower()
    assert created.json() == changed.json()


async def test_a_new_companys_logo_of_more_than_5_mb_is_too_large(alice, files):
    large = {"logo": ("a.png", PNG + bytes(5 * MEBIBYTE))}

    answer = await alice.post(COMPANIES, data={"name": "Initech"}, files=large)

    assert (answer.status_code, answer.json()) == (413, {"detail": "The file is larger than 5 MB."})
    assert await nothing_was_kept(files)


# A form says what JSON says


async def test_a_company_is_created_from_a_form(world, alice, files):
    people = world.people
    form = {
        "name": "Nikora",
        "description": "სუპერმარკეტი",
        "phone": "555-1234",
        "admin_ids": [str(people["adam"]), str(people["alice"])],
        "user_ids": f"[{people['uma']}, {people['ugo']}]",
        "project_ids": str(world.project),
    }

    answer = await alice.post(COMPANIES, data=form, files={"logo": PNG})

    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["name"], shown["description"]) == ("Nikora", "სუპერმარკეტი")
    assert [one["username"] for one in shown["admins"]] == ["adam", "alice"]
    assert [one["username"] for one in shown["users"]] == ["ugo", "uma"]
    assert shown["project_ids"] == [world.project]
    assert len(files()) == 2


async def test_the_references_form_changes_what_it_names(alice, acme):
    before = (await alice.get(address(acme))).json()
    form = {"name": "Nikora Updated", "primary_contact_email": "newsupport@nikora.com"}

    after = (await change(alice, acme, **form)).json()

    assert {name: after[name] for name in form} == form
    assert after["users"] == before["users"]
    assert after["logo"] is not None


async def test_a_form_without_a_logo_is_a_form_too(alice, files, acme):
    answer = await alice.patch(address(acme), files={"name": (None, "Renamed")})

    assert (answer.status_code, answer.json()["name"]) == (200, "Renamed")
    assert answer.json()["logo"] is None
    assert await nothing_was_kept(files)


async def test_a_long_georgian_description_fits_into_a_form(alice, acme):
    longest = "ა" * MEBIBYTE

    fits = await change(alice, acme, description=longest)
    refused = await change(alice, acme, description=longest + "ა")

    assert (fits.status_code, refused.status_code) == (200, 400)
    assert refused.json().keys() == {"description"}


@pytest.mark.parametrize("ids", ["[1", "[" * 5000, '{"a": 1}', "1,2", "null"])
async def test_a_list_that_is_none_is_a_wrong_field(alice, acme, ids):
    answer = await change(alice, acme, user_ids=ids)

    assert (answer.status_code, answer.json().keys()) == (400, {"user_ids"})


async def test_an_empty_list_in_a_form_is_an_empty_list(alice, acme):
    assert (await alice.get(address(acme))).json()["user_count"] == 1

    answer = await change(alice, acme, user_ids="[]")

    assert answer.json()["user_count"] == 0


# Coming and going


async def test_a_new_logo_takes_the_place_of_the_old_one(alice, client, files, acme):
    old = (await change(alice, acme)).json()

    new = (await change(alice, acme, drawn("JPEG"))).json()

    assert not {old[field] for field in FIELDS} & {new[field] for field in FIELDS}
    assert sorted(path.suffix for path in files()) == [".jpg", ".png"]
    assert (await client.get(old["logo"])).status_code == 404
    assert (await client.get(new["logo"])).status_code == 200


@pytest.mark.parametrize(
    "removal", [{"json": {"logo": None}}, {"files": {"logo": (None, "")}}], ids=["json", "form"]
)
async def test_a_logo_is_taken_away(alice, client, files, acme, removal):
    old = (await change(alice, acme)).json()

    answer = await alice.patch(address(acme), **removal)

    assert {answer.json()[field] for field in FIELDS} == {None}
    assert await nothing_was_kept(files)
    assert (await client.get(old["logo"])).status_code == 404


NO_CHOICE = b"""--cut\r
Content-Disposition: form-data; name="logo"; filename=""\r
Content-Type: application/octet-stream\r
\r
\r
--cut--\r
"""


@pytest.mark.parametrize(
    "sent",
    [{"json": {"name": "A"}}, {"content": NO_CHOICE, "headers": FORM}],
    ids=["json", "a browser's form without a choice"],
)
async def test_whoever_sends_none_leaves_the_logo_as_it_is(alice, files, acme, sent):
    before = (await change(alice, acme)).json()

    after = (await alice.patch(address(acme), **sent)).json()

    assert [after[field] for field in FIELDS] == [before[field] for field in FIELDS]
    assert len(files()) == 2


async def test_a_deleted_companys_logo_goes_with_it(alice, client, files, acme):
    shown = (await change(alice, acme)).json()

    assert (await alice.delete(address(acme))).status_code == 204

    assert await nothing_was_kept(files)
    assert (await client.get(shown["logo"])).status_code == 404


async def test_however_a_row_goes_its_files_are_on_the_list(alice, files, acme, data_dir):
    await change(alice, acme)
    await execute(Sql("UPDATE company SET logo = NULL, logo_thumbnail = NULL"))
    assert len(files()) == 2

    await remove_due(LocalDirectory(data_dir / "media"))

    assert await nothing_was_kept(files)


async def test_the_list_shows_logos_to_whoever_sees_the_company(as_user, alice, acme):
    shown = (await change(alice, acme)).json()

    listed = (await as_user("uma").get(COMPANIES)).json()["results"][0]

    assert listed["logo_url"] == shown["logo_url"]
    assert listed["logo_thumbnail_url"] == shown["logo_thumbnail_url"]


async def test_addresses_may_lie_on_another_host(world, alice, acme, data_dir):
    await change(alice, acme)
    app = make_app(DATA_DIR=str(data_dir), MEDIA_URL_BASE="https://files.example.com/media")

    async with client_of(app, Authorization=alice.headers["authorization"]) as elsewhere:
        shown = (await elsewhere.get(address(acme))).json()

    assert shown["logo"].startswith("https://files.example.com/media/company_logos/")


# Who may


class Unread(httpx.AsyncByteStream):
    """A form that notices being asked for."""

    def __init__(self):
        self.is_read = False

    async def __aiter__(self):
        self.is_read = True
        yield b'--cut\r\nContent-Disposition: form-data; name="logo"; filename="x"\r\n\r\n'
        yield PNG + b"\r\n--cut--\r\n"


async def send(client, method, path, body):
    request = client.build_request(method, path, headers=FORM, content=body.__aiter__())
    return await client.send(request)


REFUSED = {"adam": 403, "mona": 403, "uma": 403, "ugo": 404, "stella": 404, "stan": 404}


@pytest.mark.parametrize("person", REFUSED)
async def test_whoever_may_not_is_refused_before_anything_is_received(as_user, files, acme, person):
    before, body = await everything_stored(), Unread()

    answer = await send(as_user(person), "PATCH", address(acme), body)

    assert (answer.status_code, body.is_read) == (REFUSED[person], False)
    assert await everything_stored() == before
    assert await nothing_was_kept(files)


@pytest.mark.parametrize("person", ["alice", "root"])
async def test_superadmins_and_superusers_set_a_logo(as_user, acme, person):
    assert (await change(as_user(person), acme)).status_code == 200


@pytest.mark.parametrize("person", ["adam", "mona", "uma", "stan"])
async def test_a_logo_is_stored_for_nobody_who_may_not_create(world, as_user, files, person):
    before = await everything_stored()
    form = {"name": "New", "project_ids": str(world.project)}

    answer = await as_user(person).post(COMPANIES, data=form, files={"logo": PNG})

    assert answer.status_code in (400, 403)
    assert await everything_stored() == before
    assert await nothing_was_kept(files)


@pytest.mark.parametrize(("method", "company"), [("POST", ""), ("PATCH", "1/")])
async def test_nobody_is_told_to_sign_in(world, client, method, company):
    body = Unread()

    answer = await send(client, method, COMPANIES + company, body)

    assert (answer.status_code, body.is_read) == (401, False)


# Together with the rest


async def test_a_new_logo_is_a_new_version(alice, acme):
    before = await alice.get(address(acme))

    after = await change(alice, acme, headers={"If-Match": before.headers["etag"]})
    stale = await change(alice, acme, headers={"If-Match": before.headers["etag"]})

    assert after.json()["version"] == before.json()["version"] + 1
    assert after.headers["etag"] == (await alice.get(address(acme))).headers["etag"]
    assert (stale.status_code, stale.headers["etag"]) == (412, after.headers["etag"])


async def test_a_stale_if_match_keeps_the_old_logo_and_nothing_of_the_new(alice, files, acme):
    await change(alice, acme)
    before, kept = await everything_stored(), sorted(files())

    stale = await change(alice, acme, drawn("GIF"), headers={"If-Match": '"1-x"'})

    assert stale.status_code == 412
    assert await everything_stored() == before
    assert sorted(files()) == kept


async def test_what_is_refused_later_leaves_nothing(world, alice, files, acme):
    before = await everything_stored()

    answer = await change(alice, acme, admin_ids=str(world.people["stella"]))

    assert (answer.status_code, answer.json().keys()) == (400, {"admin_ids"})
    assert await everything_stored() == before
    assert await nothing_was_kept(files)


async def test_the_same_key_and_logo_are_answered_once(alice, files):
    """Each form has a boundary of its own: what counts is what it says."""
    form = {"data": {"name": "New"}, "headers": {"Idempotency-Key": "again"}}

    first = await alice.post(COMPANIES, files={"logo": PNG}, **form)
    again = await alice.post(COMPANIES, files={"logo": PNG}, **form)
    other = await alice.post(COMPANIES, files={"logo": drawn("GIF")}, **form)

    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 409
    assert len(files()) == 2
    assert await scalars(Sql("SELECT path FROM unclaimed_file"), str) == []


async def test_logos_at_the_same_time_leave_one(alice, files, acme, data_dir):
    kinds = ["PNG", "JPEG", "GIF", "WEBP"]

    answers = await asyncio.gather(*(change(alice, acme, drawn(kind)) for kind in kinds))
    await remove_due(LocalDirectory(data_dir / "media"))

    assert {answer.status_code for answer in answers} == {200}
    media = data_dir / "media"
    assert sorted(str(path.relative_to(media)) for path in files()) == sorted(await logo_of(acme))
    assert await scalars(Sql("SELECT path FROM unclaimed_file"), str) == []


async def test_a_logo_that_was_swept_meanwhile_is_not_claimed(alice, files, acme):
    """An upload that took longer than a day; here the trigger plays the sweeper."""
    await execute(
        Sql(
            "CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN DELETE FROM unclaimed_file; RETURN NULL; END';"
        )
    )
    await execute(
        Sql(
            "CREATE TRIGGER swept AFTER INSERT ON unclaimed_file"
            " FOR EACH STATEMENT EXECUTE FUNCTION swept()"
        )
    )
    try:
        answer = await change(alice, acme)
    finally:
        await execute(Sql("DROP FUNCTION swept() CASCADE"))

    assert answer.status_code == 409
    assert await logo_of(acme) == [None, None]


async def test_a_store_at_fault_is_a_503_and_changes_nothing(alice, acme, data_dir):
    (data_dir / "media").write_text("in the way")
    before = await alice.get(address(acme))

    answer = await change(alice, acme)

    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert (await alice.get(address(acme))).json() == before.json()


async def test_a_logo_costs_no_statement_where_companies_are_read(alice, acme, statements):
    await change(alice, acme)

    async with statements() as listed:
        await alice.get(COMPANIES)
    async with statements() as shown:
        await alice.get(address(acme))

    # One each is the actor's.
    assert (len(listed), len(shown)) == (3, 2)


# At the media door


async def test_a_logo_is_cached_for_ever_and_is_nothing_but_a_picture(alice, client, acme):
    logo = (await change(alice, acme)).json()["logo"]

    answer = await client.get(logo)
    again = await client.get(logo, headers={"If-None-Match": answer.headers["etag"]})
    head = await client.head(logo)
    part = await client.get(logo, headers={"Range": "bytes=0-7"})

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline; ")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(answer.content)))
    assert (part.status_code, part.content) == (206, answer.content[:8])


async def test_no_two_logos_lie_at_the_same_address(alice, acme):
    one, other = (await change(alice, acme)).json(), (await change(alice, acme)).json()

    secret = one["logo"].rpartition("/")[2].partition(".")[0]

    assert len(secret) == 32
    assert secret not in other["logo"]


@pytest.mark.parametrize(
    "path",
    [
        "company_logos/",
        "company_logos/thumbs/",
        "company_logos/" + "x" * 32 + ".png",
        "company_logos/thumbs/thumb_" + "x" * 32 + ".png",
        "company_logos/..%2f..%2fsecret.key",
        "company_logos/../../secret.key",
        "company_logos/" + "x" * 32 + ".svg",
        "company_logos/%00",
        "company_logos/" + "x" * 3000 + ".png",
        "company_logos/%FF",
    ],
)
async def test_nothing_else_is_found_there(client, data_dir, path):
    (data_dir / "secret.key").write_text("secret")

    answer = await client.get(f"http://localhost/media/{path}")

    assert answer.status_code in (401, 404)
    assert "secret" not in answer.text


async def test_a_logos_door_opens_no_attachment(world, as_user, client):
    form = {"data": {"ticket": str(world.printer)}, "files": {"file": ("a.png", PNG)}}
    file = (await as_user("uma").post("/tickets/attachments/", **form)).json()["file"]
    hidden = file.partition("?")[0].replace("/attachments/", "/company_logos/../attachments/")

    assert (await client.get(hidden)).status_code == 401
    assert (await client.get(hidden.replace("..", "%2e%2e"))).status_code in (401, 404)
