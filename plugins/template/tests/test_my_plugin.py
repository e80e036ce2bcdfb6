"""What the widget counts."""

import httpx

WIDGET = "/dashboard/my-plugin/"


def test_open_tickets_are_counted_by_priority(owner: httpx.Client) -> None:
    columns = {column["name"]: column["id"] for column in owner.get("/columns/").json()}
    for name, priority, column in [
        ("a", 5, "New"),
        ("b", 5, "New"),
        ("c", 2, "New"),
        ("d", 5, "Done"),
    ]:
        new = {"name": name, "priority_id": priority, "column": columns[column]}
        owner.post("/tickets/", json=new).raise_for_status()

    answer = owner.get(WIDGET, params={"project": 1}).json()
    urgent = owner.get(WIDGET, params={"project": 1, "least": 4}).json()

    assert [(row["label"], row["count"]) for row in answer] == [
        ("Priority 5", 2),
        ("Priority 2", 1),
    ]
    assert [row["priority_id"] for row in urgent] == [5]


def test_a_wrong_parameter_is_named(owner: httpx.Client) -> None:
    answer = owner.get(WIDGET, params={"project": 1, "least": 6})

    assert answer.status_code == 400
    assert list(answer.json()) == ["least"]
