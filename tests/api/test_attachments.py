"""Attachments: adding, listing, taking away; names, sizes and types that clients make up (5.4)."""

import asyncio
import hashlib
from pathlib import Path

import httpx
import pytest

from tests.conftest import client_of, make_app, token_of
from tests.world import add_attachment, add_ticket, everything_stored
from ticketing_server.core.db import Sql, execute, rows, scalars
from ticketing_server.core.media.files import LocalDirectory
from ticketing_server.core.media.unclaimed import remove_due

ATTACHMENTS = "/tickets/attachments/"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
MEBIBYTE = 1024 * 1024
DOCUMENTED = {"id", "ticket", "file", "filename", "uploaded_by", "uploaded_at"}
ADDED = {"size", "content_type", "version"}
VISITORS = ["alice", "adam", "uma", "mona", "root"]
OUTSIDERS = ["ugo", "stella", "stan"]


@pytest.fixture(scope="session")
def app(app_dir):
    return make_app(DATA_DIR=str(app_dir), MAX_UPLOAD_MB="1")


@pytest.fixture
def files(data_dir):
    """What lies in the media directory."""
    return lambda: [path for path in (data_dir / "media").rglob("*") if path.is_file()]


@pytest.fixture
def storage(data_dir):
    return LocalDirectory(data_dir / "media")


async def upload(client, ticket, content=PNG, name="screenshot.png", **fields):
    data = {"ticket": str(ticket), **fields}
    return await client.post(ATTACHMENTS, data=data, files={"file": (name, content)})


async def nothing_was_kept(files):
    unclaimed = await scalars(Sql("SELECT path FROM unclaimed_file"), str)
    attached = await scalars(Sql("SELECT path FROM attachment WHERE size > 1"), str)
    return files() == unclaimed == attached == []


async def history(client, ticket):
    items = (await client.get(f"/tickets/tickets/{ticket}/history/")).json()
    return [(item["action"], item["old_value"], item["new_value"]) for item in items]


@pytest.mark.parametrize("person", VISITORS)
async def test_whoever_sees_a_ticket_attaches_to_it(world, as_user, files, person):
    answer = await upload(as_user(person), world.printer)

    assert answer.status_code == 201, answer.text
    assert [path.read_bytes() for path in files()] == [PNG]
    assert await history(as_user("alice"), world.printer) == [("attached", None, "screenshot.png")]


@pytest.mark.parametrize("person", OUTSIDERS)
async def test_a_ticket_that_one_does_not_see_is_refused_by_field(world, as_user, files, person):
    before = await everything_stored()

    answer = await upload(as_user(person), world.printer)
    unknown = await upload(as_user(person), 999999)

    assert answer.status_code == unknown.status_code == 400
    assert answer.json() == {"ticket": [f'Invalid pk "{world.printer}" - object does not exist.']}
    assert unknown.json() == {"ticket": ['Invalid pk "999999" - object does not exist.']}
    assert await everything_stored() == before
    assert files() == []


async def test_the_references_upload_answers_as_documented(world, as_user):
    answer = await upload(as_user("uma"), world.printer, filename="screenshot.png")
    found = answer.json()

    assert found.keys() == DOCUMENTED | ADDED
    assert found["ticket"] == world.printer
    assert found["uploaded_by"] == {"id": world.people["uma"], "username": "uma"}
    assert found["uploaded_at"].endswith("Z")
    assert found["file"].startswith("http://localhost/media/attachments/")
    assert (found["filename"], found["size"]) == ("screenshot.png", len(PNG))
    assert (found["content_type"], found["version"]) == ("image/png", 1)
    assert answer.headers["etag"].startswith('"1-')


async def test_the_list_is_a_bare_array_oldest_first(world, as_user):
    first = (await upload(as_user("uma"), world.printer, name="first.png")).json()
    second = (await upload(as_user("alice"), world.printer, name="second.png")).json()

    answer = await as_user("mona").get(ATTACHMENTS, params={"ticket": world.printer, "x": 1})
    cut = await as_user("mona").get(
        ATTACHMENTS, params={"ticket": world.printer, "page": 2, "page_size": 1}
    )

    assert [one["id"] for one in answer.json()] == [first["id"], second["id"]]
    assert answer.json()[0].keys() == DOCUMENTED | ADDED
    assert (answer.headers["x-total-count"], answer.headers["x-unknown-parameters"]) == ("2", "x")
    assert [one["id"] for one in cut.json()] == [second["id"]]
    assert 'rel="prev"' in cut.headers["link"]


async def test_a_list_needs_a_ticket_that_one_sees(world, as_user):
    uma = as_user("uma")

    answers = [
        await uma.get(ATTACHMENTS),
        await uma.get(ATTACHMENTS, params={"ticket": "x"}),
        await uma.get(ATTACHMENTS, params={"ticket": world.other_ticket}),
        await uma.get(ATTACHMENTS, params={"ticket": 2**80}),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert all(answer.json().keys() == {"ticket"} for answer in answers)
    assert (await uma.get(ATTACHMENTS, params={"ticket": world.printer})).json() == []


async def test_one_attachment_is_shown_with_its_etag(world, as_user, monkeypatch):
    stored = (await upload(as_user("uma"), world.printer)).json()
    one = f"{ATTACHMENTS}{stored['id']}/"
    freeze(monkeypatch, "2026-01-01T12:00:00+00:00")

    shown = await as_user("adam").get(one)
    again = await as_user("adam").get(one, headers={"If-None-Match": shown.headers["etag"]})

    assert shown.json().keys() == stored.keys()
    assert again.status_code == 304


def freeze(monkeypatch, moment):
    import datetime as dt

    monkeypatch.setattr(
        "ticketing_server.core.media.signatures.now", lambda: dt.datetime.fromisoformat(moment)
    )


@pytest.mark.parametrize("person", ["uma", "alice", "root"])
async def test_the_uploader_or_a_superadmin_takes_a_file_away(world, as_user, files, person):
    id = (await upload(as_user("uma"), world.printer)).json()["id"]

    answer = await as_user(person).delete(f"{ATTACHMENTS}{id}/")

    assert answer.status_code == 204
    assert await nothing_was_kept(files)
    assert (await as_user("uma").get(f"{ATTACHMENTS}{id}/")).status_code == 404
    assert (await history(as_user("alice"), world.printer))[-1] == (
        "attachment_deleted",
        "screenshot.png",
        None,
    )


@pytest.mark.parametrize("person", ["adam", "mona"])
async def test_nobody_else_takes_it_away(world, as_user, files, person):
    id = (await upload(as_user("uma"), world.printer)).json()["id"]
    before = await everything_stored()

    answer = await as_user(person).delete(f"{ATTACHMENTS}{id}/")

    assert answer.status_code == 403
    assert answer.json()["action"] == "delete_others_attachments"
    assert answer.json()["roles_allowed"] == ["superadmin"]
    assert await everything_stored() == before
    assert len(files()) == 1


async def test_even_a_manager_takes_their_own_away(world, as_user, files):
    id = (await upload(as_user("mona"), world.printer)).json()["id"]

    assert (await as_user("mona").delete(f"{ATTACHMENTS}{id}/")).status_code == 204
    assert files() == []


@pytest.mark.parametrize("person", OUTSIDERS)
async def test_it_is_not_there_for_who_does_not_see_the_ticket(world, as_user, person):
    id = (await upload(as_user("uma"), world.printer)).json()["id"]

    answers = [await as_user(person).request(m, f"{ATTACHMENTS}{id}/") for m in ("GET", "DELETE")]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_a_stale_if_match_keeps_the_file(world, as_user, files):
    shown = await upload(as_user("uma"), world.printer)
    one = f"{ATTACHMENTS}{shown.json()['id']}/"

    stale = await as_user("uma").delete(one, headers={"If-Match": '"2-x"'})
    assert (stale.status_code, len(files())) == (412, 1)
    assert stale.headers["etag"].startswith('"1-')

    fresh = await as_user("uma").delete(one, headers={"If-Match": shown.headers["etag"]})
    assert (fresh.status_code, files()) == (204, [])


async def test_an_attachment_is_not_changed(world, as_user):
    id = (await upload(as_user("uma"), world.printer)).json()["id"]

    answer = await as_user("uma").patch(f"{ATTACHMENTS}{id}/", json={"filename": "x"})

    assert answer.status_code == 405


async def test_every_wrong_field_is_told_at_once(world, as_user, files):
    answer = await upload(as_user("uma"), "many", b"", "a" * 256)
    bare = await as_user("uma").post(ATTACHMENTS, files={"other": ("x", b"x")})
    refused = await upload(as_user("uma"), world.other_ticket, b"")

    assert answer.status_code == bare.status_code == refused.status_code == 400
    assert answer.json() == {
        "ticket": ["A valid integer is required."],
        "file": ["The submitted file is empty."],
        "filename": ["Ensure this field has no more than 255 characters."],
    }
    assert bare.json() == {name: ["This field is required."] for name in ("ticket", "file")}
    assert refused.json().keys() == {"ticket", "file"}
    assert await nothing_was_kept(files)


@pytest.mark.parametrize("ticket", ["0", "-1", "1.5", str(2**80), "", "١x", "null"])
async def test_an_id_that_cannot_exist_is_a_wrong_field(world, as_user, files, ticket):
    answer = await upload(as_user("uma"), ticket)

    assert answer.status_code == 400
    assert answer.json().keys() == {"ticket"}
    assert await nothing_was_kept(files)


NAMES = {
    "../../../etc/passwd": "passwd",
    "C:\\Users\\uma\\report.pdf": "report.pdf",
    "\\\\server\\share\\x.doc": "x.doc",
    "დოკუმენტი 1.pdf": "დოკუმენტი 1.pdf",
    "harmless\u202egpj.exe": "harmlessgpj.exe",
    "  spaced.txt  ": "spaced.txt",
    "e\u0301.txt": "\u00e9.txt",
    'quo"te; x=%41#?.txt': 'quo"te; x=%41#?.txt',
    ".htaccess": ".htaccess",
    "line\nbreak.txt": "linebreak.txt",
    "<script>.html": "<script>.html",
}


@pytest.mark.parametrize("name", NAMES)
async def test_of_a_name_only_what_is_harmless_is_kept(world, as_user, files, data_dir, name):
    by_part = await upload(as_user("uma"), world.printer, name=name.replace("\n", "%0A"))
    by_field = await upload(as_user("uma"), world.printer, filename=name)

    assert [one.json()["filename"] for one in (by_part, by_field)] == [NAMES[name]] * 2
    opened = [await as_user("adam").get(one.json()["file"]) for one in (by_part, by_field)]
    assert [one.content for one in opened] == [PNG, PNG]
    assert {path.parent.parent.parent.parent for path in files()} == {
        data_dir / "media" / "attachments"
    }


@pytest.mark.parametrize("name", ["..", "/", "C:\\", "\u202e", "nul\x00.txt", "bell\x07.txt"])
async def test_what_is_no_name_is_refused(world, as_user, files, name):
    answer = await upload(as_user("uma"), world.printer, filename=name)

    assert answer.status_code == 400
    assert answer.json().keys() == {"filename"}
    assert await nothing_was_kept(files)


async def test_a_blank_filename_means_the_files_own(world, as_user):
    answer = await upload(as_user("uma"), world.printer, filename=" ")

    assert answer.json()["filename"] == "screenshot.png"


async def test_a_name_in_rfc_5987_is_read(world, as_user):
    answer = await raw(
        as_user("uma"),
        part(f'name="ticket"\r\n\r\n{world.printer}'),
        part("name=\"file\"; filename*=utf-8''%E1%83%90%20b.txt\r\n\r\nx"),
    )

    assert answer.json()["filename"] == "ა b.txt"


def part(text):
    return f"--cut\r\nContent-Disposition: form-data; {text}\r\n".encode()


async def raw(client, *parts, end=b"--cut--\r\n", content_type="multipart/form-data; boundary=cut"):
    return await client.post(
        ATTACHMENTS, content=b"".join(parts) + end, headers={"Content-Type": content_type}
    )


TYPES = [
    (PNG, "image/png", "image/png"),
    (b"\xff\xd8\xff\xe0jpeg", "text/html", "image/jpeg"),
    (b"GIF89a...", None, "image/gif"),
    (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp", "image/webp"),
    (b"<script>alert(1)</script>", "image/png", "application/octet-stream"),
    (b"<script>alert(1)</script>", "text/html", "text/html"),
    (b"<svg onload='alert(1)'/>", "image/svg+xml", "image/svg+xml"),
    (b"%PDF-1.7", "application/pdf", "application/pdf"),
    (b"plain", "no type at all", "application/octet-stream"),
    (b"plain", "a/" + "b" * 500, "application/octet-stream"),
]


@pytest.mark.parametrize(("content", "claimed", "stored"), TYPES)
async def test_an_image_is_known_by_its_bytes(world, as_user, content, claimed, stored):
    file = ("file", content, claimed) if claimed else ("file", content)

    answer = await as_user("uma").post(
        ATTACHMENTS, data={"ticket": str(world.printer)}, files={"file": file}
    )

    assert answer.json()["content_type"] == stored


async def test_the_largest_file_is_taken_and_a_byte_more_is_not(world, as_user, files):
    uma = as_user("uma")

    taken = await upload(uma, world.printer, b"x" * MEBIBYTE)
    refused = await upload(uma, world.printer, b"x" * (MEBIBYTE + 1))

    assert (taken.status_code, taken.json()["size"]) == (201, MEBIBYTE)
    assert refused.status_code == 413
    assert refused.json() == {"detail": "The file is larger than 1 MB."}
    assert [path.stat().st_size for path in files()] == [MEBIBYTE]


class Body(httpx.AsyncByteStream):
    """A form that is sent in pieces, and counts how many were asked for."""

    def __init__(self, ticket, pieces, *, stops=False):
        self.ticket, self.pieces, self.stops = ticket, pieces, stops
        self.sent = 0

    async def __aiter__(self):
        yield part(f'name="ticket"\r\n\r\n{self.ticket}')
        yield part('name="file"; filename="big.bin"\r\n\r\n')[:-2]
        for _ in range(self.pieces):
            self.sent += 1
            yield b"x" * 65536
        if not self.stops:
            yield b"\r\n--cut--\r\n"


async def send(client, body, **headers):
    headers = {"Content-Type": "multipart/form-data; boundary=cut", **headers}
    request = client.build_request("POST", ATTACHMENTS, headers=headers, content=body.__aiter__())
    return await client.send(request)


async def test_a_file_that_grows_too_large_is_refused_on_the_way(world, as_user, files):
    body = Body(world.printer, pieces=1000)

    answer = await send(as_user("uma"), body)

    assert answer.status_code == 413
    assert body.sent <= MEBIBYTE // 65536 + 1
    assert await nothing_was_kept(files)


async def test_a_file_that_says_it_is_too_large_is_not_read_at_all(world, as_user, files):
    body = Body(world.printer, pieces=1000)

    answer = await send(as_user("uma"), body, **{"Content-Length": str(65536000)})

    assert (answer.status_code, body.sent) == (413, 0)
    assert await nothing_was_kept(files)


async def test_nobody_uploads_without_a_token(world, client, files):
    body = Body(world.printer, pieces=10)

    answer = await send(client, body)

    assert (answer.status_code, body.sent) == (401, 0)


async def test_a_form_without_its_end_is_refused(world, as_user, files):
    answer = await send(as_user("uma"), Body(world.printer, pieces=4, stops=True))

    assert answer.status_code == 400
    assert "multipart" in answer.json()["detail"].lower()
    assert await nothing_was_kept(files)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
async def test_a_client_that_leaves_half_way_leaves_nothing(world, app, files, share):
    form = b"".join(
        [
            part(f'name="ticket"\r\n\r\n{world.printer}'),
            part('name="file"; filename="half.bin"\r\n\r\n' + "x" * 900_000),
            b"--cut--\r\n",
        ]
    )
    arrived = form[: int(len(form) * share)]
    pieces = [arrived[at : at + 65536] for at in range(0, len(arrived), 65536)]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.disconnect"})
    answered = []

    async def receive():
        return messages.pop(0)

    async def answer(message):
        answered.append(message)

    await app(scope_of(token_of(world, "uma"), len(form)), receive, answer)

    assert answered[0]["status"] == 400
    assert await nothing_was_kept(files)


def scope_of(token, length):
    headers = {
        "host": "localhost",
        "authorization": f"Bearer {token}",
        "content-type": "multipart/form-data; boundary=cut",
        "content-length": str(length),
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/api{ATTACHMENTS}",
        "raw_path": f"/api{ATTACHMENTS}".encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }


BROKEN = [
    ("application/json", b"{}", 415),
    ("application/x-www-form-urlencoded", b"ticket=1", 415),
    ("", b"", 415),
    ("multipart/form-data", b"--cut--", 400),
    ("multipart/form-data; boundary=" + "é", b"--cut--", 400),
    ("multipart/form-data; boundary=cut", b"", 400),
    ("multipart/form-data; boundary=cut", b"nonsense", 400),
    ("multipart/form-data; boundary=cut", b"--cut\r\nnonsense\r\n\r\nx\r\n--cut--", 400),
    ("multipart/form-data; boundary=cut", b"--cut\r\n\r\nx\r\n--cut--\r\n", 400),
    ("multipart/form-data; boundary=cut", part('name="ticket"\r\n\r\nx') * 51, 400),
    ("multipart/form-data; boundary=cut", part('name="t"\r\n\r\n' + "x" * 65537), 400),
]


@pytest.mark.parametrize(("content_type", "body", "status"), BROKEN)
async def test_a_broken_form_is_refused(world, as_user, files, content_type, body, status):
    headers = {"Content-Type": content_type.encode("latin-1")}

    answer = await as_user("uma").post(ATTACHMENTS, content=body, headers=headers)

    assert answer.status_code == status, answer.text
    assert await nothing_was_kept(files)


async def test_text_that_is_no_utf8_is_refused(world, as_user, files):
    answer = await raw(as_user("uma"), part('name="ticket"\r\n\r\n')[:-2], b"\xff\xfe\r\n")

    assert answer.status_code == 400


async def test_two_files_at_once_are_refused(world, as_user, files):
    two = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]

    answer = await as_user("uma").post(ATTACHMENTS, data={"ticket": str(world.printer)}, files=two)

    assert (answer.status_code, answer.json().keys()) == (400, {"file"})
    assert await nothing_was_kept(files)


async def test_a_made_up_description_of_a_file_is_no_file(world, as_user, files):
    made_up = '{"size": 5, "content_type": "text/plain", "sha256": "x"}'

    answer = await as_user("uma").post(
        ATTACHMENTS,
        files={"ticket": (None, str(world.printer)), "file": (None, made_up)},
    )

    assert answer.json().keys() == {"file"}
    assert answer.status_code == 400


async def test_the_same_key_and_file_are_answered_once(world, as_user, files):
    uma, key = as_user("uma"), {"Idempotency-Key": "again"}
    form = {"data": {"ticket": str(world.printer)}, "headers": key}

    first = await uma.post(ATTACHMENTS, files={"file": ("a.txt", b"same")}, **form)
    again = await uma.post(ATTACHMENTS, files={"file": ("a.txt", b"same")}, **form)
    other = await uma.post(ATTACHMENTS, files={"file": ("a.txt", b"else")}, **form)

    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 409
    assert [path.read_bytes() for path in files()] == [b"same"]


async def test_uploads_at_the_same_time_do_not_meet(world, as_user, files):
    contents = [f"{n}".encode() * 100_000 for n in range(8)]

    answers = await asyncio.gather(
        *(upload(as_user("uma"), world.printer, content, "same.txt") for content in contents)
    )

    assert {answer.status_code for answer in answers} == {201}
    opened = [await as_user("adam").get(answer.json()["file"]) for answer in answers]
    assert [one.content for one in opened] == contents
    assert len(files()) == 8


async def test_deleting_at_the_same_time_happens_once(world, as_user, files):
    id = (await upload(as_user("uma"), world.printer)).json()["id"]

    answers = await asyncio.gather(
        *(as_user("uma").delete(f"{ATTACHMENTS}{id}/") for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]
    assert [event[0] for event in await history(as_user("uma"), world.printer)] == [
        "attached",
        "attachment_deleted",
    ]
    assert await nothing_was_kept(files)


@pytest.mark.parametrize("what", ["ticket", "project"])
async def test_the_files_of_what_is_deleted_go_with_it(world, as_user, files, storage, what):
    await upload(as_user("uma"), world.printer, name="a.txt")
    await upload(as_user("uma"), world.printer, name="b.txt")
    kept = await add_ticket(world.other_project, world.other_column, world.people["stella"], "Kept")
    await upload(as_user("stella"), kept, b"kept")
    paths = {
        "ticket": f"/tickets/tickets/{world.printer}/",
        "project": f"/tickets/projects/{world.project}/",
    }

    assert (await as_user("alice").delete(paths[what])).status_code == 204
    await remove_due(storage)

    assert [path.read_bytes() for path in files()] == [b"kept"]
    assert await scalars(Sql("SELECT path FROM unclaimed_file"), str) == []


async def test_what_a_crash_left_is_swept_once_it_is_due(world, files, storage):
    async with storage.writer("attachments/old") as whole:
        await whole.keep()
    half = files()[0].with_name("half.part")
    half.write_bytes(b"half")
    await execute(
        Sql(
            "INSERT INTO unclaimed_file (path, due_at) VALUES ('attachments/half', now()),"
            " ('attachments/old', now() + interval '1 hour')"
        )
    )

    await remove_due(storage)
    assert [path.name for path in files()] == ["old"]

    await execute(Sql("UPDATE unclaimed_file SET due_at = now()"))
    await remove_due(storage)
    assert files() == []


async def test_an_unclaimed_file_that_was_swept_is_not_attached(world, as_user, files):
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
        answer = await upload(as_user("uma"), world.printer)
    finally:
        await execute(Sql("DROP FUNCTION swept() CASCADE"))

    assert answer.status_code == 409
    assert await scalars(Sql("SELECT filename FROM attachment"), str) == ["secret.txt"]


async def test_a_store_at_fault_is_a_503_and_leaves_no_row(world, as_user, data_dir):
    (data_dir / "media").write_text("in the way")

    answer = await upload(as_user("uma"), world.printer)

    assert answer.status_code == 503
    assert answer.json() == {"detail": "The file cannot be stored at the moment."}
    assert "retry-after" in answer.headers
    assert await scalars(Sql("SELECT filename FROM attachment"), str) == ["secret.txt"]


async def test_an_upload_takes_ten_statements_and_a_list_two(world, as_user, statements):
    async with statements() as sent:
        await upload(as_user("uma"), world.printer)
    assert len(sent) <= 10, sent

    for n in range(5):
        await add_attachment(world.project, world.printer, world.people["uma"], f"{n}.txt")
    async with statements() as sent:
        answer = await as_user("uma").get(ATTACHMENTS, params={"ticket": world.printer})
    assert (len(sent), len(answer.json())) == (2, 6)


async def test_a_deleted_uploader_is_shown_as_null(world, as_user):
    await upload(as_user("mona"), world.printer)
    await execute(Sql("DELETE FROM account WHERE id = {}", world.people["mona"]))

    answer = await as_user("uma").get(ATTACHMENTS, params={"ticket": world.printer})

    assert answer.json()[0]["uploaded_by"] is None


async def test_an_upload_works_from_another_origin(world, data_dir):
    app = make_app(DATA_DIR=str(data_dir), CORS_ALLOWED_ORIGINS="https://desk.example.com")
    headers = {"Authorization": f"Bearer {token_of(world, 'uma')}"}

    async with client_of(app, Origin="https://desk.example.com", **headers) as uma:
        answer = await upload(uma, world.printer, b"x" * 9 * MEBIBYTE)

    assert answer.status_code == 201, answer.text


async def test_files_are_for_the_servers_own_user_only(world, as_user, files):
    await upload(as_user("uma"), world.printer)

    file: Path = files()[0]
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(PNG).digest()


async def test_who_opened_the_ticket_and_nobody_else_is_in_the_history(world, as_user):
    await upload(as_user("mona"), world.printer)

    found = await rows(Sql("SELECT actor, action FROM event"), dict[str, object])

    assert found == [{"actor": world.people["mona"], "action": "attached"}]
