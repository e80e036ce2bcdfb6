"""Settings: what each takes, and the one line that says what is wrong (operations.md)."""

import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ticketing_server.setting_values import Rate
from ticketing_server.settings import Settings, WrongSetting, load_settings

KEY = "0123456789abcdef0123456789abcdef"
URL = "postgresql://user:hunter2@db.example.com:5432/ticketing"


def read(**environment: str) -> Settings:
    return load_settings({"SECRET_KEY": KEY, "DATABASE_URL": URL, **environment})


GOOD: list[tuple[str, str, Any]] = [
    ("SECRET_KEY", "k" * 32, "k" * 32),
    ("DEBUG", "True", True),
    ("DEBUG", " 0 ", False),
    ("ALLOWED_HOSTS", "localhost, .example.com ,", ("localhost", ".example.com")),
    ("DATABASE_URL", "postgres://localhost/x", "postgres://localhost/x"),
    ("DATABASE_REPLICA_URL", "postgres://replica/x", "postgres://replica/x"),
    (
        "CORS_ALLOWED_ORIGINS",
        "http://localhost:5173,https://desk.example.com",
        ("http://localhost:5173", "https://desk.example.com"),
    ),
    ("DATA_DIR", "/var/lib/ticketing", Path("/var/lib/ticketing")),
    ("REGISTRATION", "CLOSED", "closed"),
    ("ACCESS_TOKEN_HOURS", "0.5", 0.5),
    ("REFRESH_TOKEN_DAYS", "30", 30.0),
    ("TRUSTED_PROXIES", "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1/128")),
    ("LOG_LEVEL", "debug", "DEBUG"),
    ("LOG_FORMAT", "json", "json"),
    ("AUTH_RATE_LIMIT", "5/second", Rate(5, 1)),
    ("AUTH_RATE_LIMIT", "100/Hour", Rate(100, 3600)),
    ("AUTH_RATE_LIMIT", "off", None),
    ("DB_POOL_SIZE", "25", 25),
    ("MAX_UPLOAD_MB", "200", 200),
    ("MEDIA_URL", "s3://desk-files/media/", "s3://desk-files/media"),
    ("MEDIA_URL_BASE", "https://files.example.com/media/", "https://files.example.com/media"),
    ("METRICS_TOKEN", " hunter2-hunter2-hunter2 ", "hunter2-hunter2-hunter2"),
    ("AUDIT_LOG_DAYS", "400", 400),
    ("PLUGINS_DISABLED", "sla-watch, other", frozenset({"sla-watch", "other"})),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_good_value_is_taken(name, text, value):
    assert getattr(read(**{name: text}), name.lower()) == value


def test_every_setting_has_a_good_and_a_bad_example():
    others = {"SUPER_SECRET_KEY"}  # has tests of its own

    assert {name for name, *_ in GOOD} | others >= {n.upper() for n in Settings.__struct_fields__}
    assert {name for name, *_ in BAD} | others | ANYTHING_GOES >= {name for name, *_ in GOOD}


ANYTHING_GOES = {"ALLOWED_HOSTS", "DATA_DIR", "PLUGINS_DISABLED"}
BAD = [
    ("SECRET_KEY", "s3cr3t", "at least 32 random bytes"),
    ("SECRET_KEY", "your-django-secret-key-here", "at least 32 random bytes"),
    ("DEBUG", "maybe", "true or false"),
    ("DATABASE_REPLICA_URL", "db.example.com", "postgresql://user:password@host"),
    ("DATABASE_URL", "mysql://user:hunter2@db/ticketing", "postgresql://user:password@host"),
    ("DATABASE_URL", "postgresql://user:hunter2@[db/ticketing", "postgresql://user:password@host"),
    ("CORS_ALLOWED_ORIGINS", "*", "origins such as https://desk.example.com"),
    ("CORS_ALLOWED_ORIGINS", "https://desk.example.com/", "origins such as"),
    ("CORS_ALLOWED_ORIGINS", "https://[desk", "origins such as"),
    ("REGISTRATION", "invite", "open or closed"),
    ("ACCESS_TOKEN_HOURS", "0", "a number above 0"),
    ("ACCESS_TOKEN_HOURS", "nan", "a number above 0"),
    ("ACCESS_TOKEN_HOURS", "inf", "a number above 0"),
    ("REFRESH_TOKEN_DAYS", "week", "a number above 0"),
    ("REFRESH_TOKEN_DAYS", "400000", "a number above 0, and 100000 at most"),
    ("TRUSTED_PROXIES", "proxy.example.com", "addresses or networks such as 10.0.0.0/8"),
    ("TRUSTED_PROXIES", "*", "addresses or networks such as 10.0.0.0/8"),
    ("LOG_LEVEL", "loud", "debug or info or warning or error"),
    ("LOG_FORMAT", "xml", "text or json"),
    ("AUTH_RATE_LIMIT", "10", "a rate such as 10/minute, or off"),
    ("AUTH_RATE_LIMIT", "0/minute", "a rate such as 10/minute, or off"),
    ("AUTH_RATE_LIMIT", "10/fortnight", "a rate such as 10/minute, or off"),
    ("MAX_UPLOAD_MB", "none", "a whole number"),
    ("MEDIA_URL", "/srv/media", "s3://bucket or s3://bucket/prefix"),
    ("MEDIA_URL", "s3:///media", "s3://bucket or s3://bucket/prefix"),
    ("MEDIA_URL", "s3://key:hunter2@bucket", "s3://bucket or s3://bucket/prefix"),
    ("MEDIA_URL", "https://bucket.s3.amazonaws.com", "s3://bucket or s3://bucket/prefix"),
    ("MEDIA_URL", "s3://bucket?region=eu", "s3://bucket or s3://bucket/prefix"),
    ("MEDIA_URL_BASE", "files.example.com", "an address such as https://files.example.com/media"),
    ("METRICS_TOKEN", "hunter2", "at least 16 letters, digits or signs without a space"),
    ("METRICS_TOKEN", "hunter2 and some more", "at least 16 letters"),
    ("AUDIT_LOG_DAYS", "29", "a whole number from 30 to 36500"),
    ("AUDIT_LOG_DAYS", "forever", "a whole number from 30 to 36500"),
    ("DB_POOL_SIZE", "0", "a whole number from 1 to 500"),
    ("DB_POOL_SIZE", "501", "a whole number from 1 to 500"),
    ("DB_POOL_SIZE", "ten", "a whole number from 1 to 500"),
]


@pytest.mark.parametrize(("name", "text", "wants"), BAD)
def test_a_bad_value_is_one_line_with_what_it_got_and_what_it_wants(name, text, wants):
    with pytest.raises(WrongSetting) as wrong:
        read(**{name: text})

    message = str(wrong.value)
    assert message.startswith(f"{name}: got ")
    assert f", wants {wants}" in message
    assert "\n" not in message
    secrets = {"SECRET_KEY", "DATABASE_URL", "DATABASE_REPLICA_URL", "MEDIA_URL", "METRICS_TOKEN"}
    is_secret = name in secrets
    assert (text in message) is not is_secret
    assert "hunter2" not in message


def test_the_embedded_database_has_no_replica(tmp_path):
    with pytest.raises(WrongSetting, match="DATABASE_REPLICA_URL: got an address, wants DATABASE_"):
        load_settings({"DATABASE_REPLICA_URL": URL}, data_dir=tmp_path)


def test_an_empty_value_is_no_value():
    assert read(REGISTRATION="", DB_POOL_SIZE="  ", AUTH_RATE_LIMIT="") == read()


def test_only_this_machine_is_answered_unless_hosts_are_named():
    assert read().allowed_hosts == ("localhost", "127.0.0.1", "[::1]")


# Keys (rulings 2.8, 2.9)


def test_a_database_of_ones_own_needs_a_key_of_ones_own():
    with pytest.raises(WrongSetting, match="SECRET_KEY: got nothing, wants at least 32 random"):
        load_settings({"DATABASE_URL": URL})


def test_a_key_counts_in_bytes():
    assert read(SECRET_KEY="საიდუმლო გასაღები").secret_key
    with pytest.raises(WrongSetting, match="SECRET_KEY"):
        read(SECRET_KEY="საიდუმლო")


@pytest.mark.parametrize("key", ["short", "your-django-secret-key-here"])
def test_debug_takes_any_key(key):
    assert read(DEBUG="true", SECRET_KEY=key).secret_key.startswith(key)


def test_the_development_key_needs_debug():
    assert read(DEBUG="true", SUPER_SECRET_KEY="dev-key").super_secret_key == "dev-key"
    with pytest.raises(WrongSetting) as wrong:
        read(SUPER_SECRET_KEY="dev-key")
    assert (
        str(wrong.value) == "SUPER_SECRET_KEY: got a secret, wants to be unset while DEBUG is off."
    )


def test_the_embedded_default_makes_a_key_once_that_only_its_owner_reads(tmp_path):
    directory = tmp_path / "not" / "there" / "yet"

    first = load_settings({}, data_dir=directory).secret_key
    again = load_settings({}, data_dir=directory).secret_key
    other = load_settings({}, data_dir=tmp_path / "other").secret_key

    assert len(first) >= 32
    assert first == again != other
    assert [path.name for path in directory.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((directory / "secret.key").stat().st_mode) == 0o600


def _key_of(directory: Path) -> str:
    return load_settings({}, data_dir=directory).secret_key


def test_processes_that_start_at_once_agree_on_the_key(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as processes:
        keys = processes.map(_key_of, [tmp_path / "data"] * 16, chunksize=1)

    assert len(set(keys)) == 1


@pytest.mark.parametrize("left_over", ["", "too short", "\xff" * 64])
def test_a_broken_key_file_is_no_key(tmp_path, left_over):
    (tmp_path / "secret.key").write_text(left_over)

    with pytest.raises(WrongSetting, match=r"SECRET_KEY: got a broken .*secret\.key"):
        load_settings({}, data_dir=tmp_path)


def test_a_data_directory_that_cannot_be_made_is_said_plainly(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(WrongSetting, match=r"DATA_DIR: got .*, wants a directory"):
        load_settings({}, data_dir=tmp_path / "file" / "data")


# .env


@pytest.fixture
def dotenv(tmp_path, monkeypatch) -> Path:
    """An empty working directory and environment; the path of its `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) & {field.upper() for field in Settings.__struct_fields__}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SECRET_KEY", KEY)
    return tmp_path / ".env"


def test_dotenv_is_read_line_by_line(dotenv):
    lines = [
        "# REGISTRATION=open",
        "export REGISTRATION=closed",
        "",
        "  ALLOWED_HOSTS = 'a.example.com,b.example.com'  ",
        'LOG_LEVEL="debug"',
        "DB_POOL_SIZE=7 # per process",
        "DATABASE_URL=postgresql://user:pass=word#1@db/x",
        "no separator here",
    ]
    dotenv.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")

    settings = load_settings()

    assert settings.registration == "closed"
    assert settings.allowed_hosts == ("a.example.com", "b.example.com")
    assert (settings.log_level, settings.db_pool_size) == ("DEBUG", 7)
    assert settings.database_url == "postgresql://user:pass=word#1@db/x"


def test_the_environment_beats_dotenv(dotenv, monkeypatch):
    dotenv.write_text("REGISTRATION=closed\nDB_POOL_SIZE=7")
    monkeypatch.setenv("REGISTRATION", "open")

    settings = load_settings()

    assert (settings.registration, settings.db_pool_size) == ("open", 7)


def test_the_buckets_credentials_may_stand_in_dotenv(dotenv, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    dotenv.write_text("AWS_REGION=us-east-1\nAWS_ENDPOINT_URL=http://127.0.0.1:9000")

    load_settings()

    found = os.environ["AWS_REGION"], os.environ["AWS_ENDPOINT_URL"]
    assert found == ("eu-central-1", "http://127.0.0.1:9000")


def test_a_command_line_beats_the_environment(dotenv, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", "/elsewhere")

    assert load_settings(data_dir=Path("here")).data_dir == tmp_path / "here"


def test_a_dotenv_that_is_no_text_is_said_plainly(dotenv):
    dotenv.write_bytes(b"REGISTRATION=\xff")

    with pytest.raises(
        WrongSetting, match=r"\.env: got UnicodeDecodeError, wants a readable UTF-8"
    ):
        load_settings()
