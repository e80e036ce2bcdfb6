"""Tickets over HTTP: creating, moving, finding, deleting."""


async def test_user_moves_own_ticket(world, as_user):
    answer = await as_user("uma").patch(
        f"/tickets/tickets/{world.printer}/", json={"column": world.columns["Done"]}
    )

    assert answer.status_code == 200
    assert answer.json()["column_name"] == "Done"


async def test_moving_a_ticket_takes_six_statements(world, as_user, statements):
    with statements() as sent:
        await as_user("uma").patch(
            f"/tickets/tickets/{world.printer}/", json={"column": world.columns["Done"]}
        )

    assert len(sent) <= 6, sent
