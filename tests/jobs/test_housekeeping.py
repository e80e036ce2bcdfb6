"""What has had its time is swept away; the rest stays."""

from ticketing_server.core.db import Sql, execute, scalars
from ticketing_server.jobs.housekeeping import sweep


async def test_expired_throttles_and_sessions_are_swept_and_living_ones_stay(empty_database):
    await execute(
        Sql(
            "INSERT INTO throttle (key, hits, ends_at) VALUES"
            " ('old', 1, now() - interval '1 second'), ('new', 1, now() + interval '1 minute')"
        )
    )
    await execute(
        Sql(
            "INSERT INTO ended_session (jti, account, expires_at) VALUES"
            " ('old', 1, now() - interval '1 second'), ('new', 1, now() + interval '1 minute')"
        )
    )

    await sweep()

    assert await scalars(Sql("SELECT key FROM throttle"), str) == ["new"]
    assert await scalars(Sql("SELECT jti FROM ended_session"), str) == ["new"]


async def test_answers_are_forgotten_after_a_day_and_invitations_a_month_after_they_end(world):
    await execute(
        Sql(
            "INSERT INTO idempotent_answer"
            " (account, key, fingerprint, status, headers, body, created_at) VALUES"
            " ({}, 'old', '', 201, '[]', '', now() - interval '25 hours'),"
            " ({}, 'new', '', 201, '[]', '', now() - interval '23 hours')",
            world.people["uma"],
            world.people["uma"],
        )
    )
    await execute(
        Sql(
            "INSERT INTO invitation (project, role, token_hash, expires_at) VALUES"
            " ({}, 'user', 'old', now() - interval '31 days'),"
            " ({}, 'user', 'new', now() - interval '1 day')",
            world.project,
            world.project,
        )
    )

    await sweep()

    assert await scalars(Sql("SELECT key FROM idempotent_answer"), str) == ["new"]
    assert await scalars(Sql("SELECT token_hash FROM invitation"), str) == ["new"]
