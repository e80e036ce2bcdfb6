"""The API's own description, and the page that shows it."""

import logging
import re
import threading

import msgspec
import pytest
from litestar import Litestar

from tests.conftest import client_of, make_settings
from ticketing_server.accounts import structs as accounts
from ticketing_server.app import create_litestar, describe
from ticketing_server.openapi import documentation, examples
from ticketing_server.projects import structs as projects
from ticketing_server.tickets import structs as tickets

SHAPES = {
    "authentication_register": (accounts.Registration, accounts.Registered),
    "authentication_login": (accounts.Credentials, accounts.LoggedIn),
    "authentication_refresh": (accounts.RefreshToken, accounts.AccessToken),
    "tickets_create": (tickets.TicketNew, tickets.TicketOut),
    "tickets_update": (tickets.TicketPatch, tickets.TicketOut),
    "projects_create": (projects.ProjectNew, projects.ProjectOut),
    "columns_create": (projects.ColumnNew, projects.ColumnOut),
    "columns_reorder": (projects.Reorder, projects.Reordered),
}
OPEN = {"register", "login", "refresh", "logout"}


@pytest.fixture
async def document(client) -> dict:
    return (await client.get("/openapi.json")).raise_for_status().json()


def operations(document) -> dict[str, dict]:
    return {
        operation["operationId"]: {**operation, "path": path, "method": method}
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


async def test_every_route_of_the_api_is_described_and_no_other(document):
    routed = {
        (route.path_format.rstrip("/") + "/", method.lower())
        for route in create_litestar(make_settings()).routes
        for method in route.methods
        if route.path_format.startswith(("/api/tickets", "/api/plugins")) and method != "OPTIONS"
    }
    described = {(one["path"], one["method"]) for one in operations(document).values()}

    assert document["openapi"].startswith("3.1")
    assert described == routed


async def test_every_operation_has_a_name_of_its_own_and_describes_its_answers(document):
    described = operations(document)

    assert len(described) == sum(len(item) for item in document["paths"].values())
    for name, operation in described.items():
        statuses = operation["responses"].keys()
        assert any(status.startswith("2") for status in statuses), name
        assert {"400", "503"} <= statuses, name
        assert "{" not in operation["path"] or "404" in statuses, name
        is_changed = operation["method"] != "get" and operation.get("security") != []
        assert not is_changed or "403" in statuses, name


async def test_open_operations_ask_for_no_credentials_and_all_others_do(document):
    described = operations(document)
    is_open = {name for name, operation in described.items() if operation.get("security") == []}

    assert is_open == {f"authentication_{name}" for name in OPEN}
    assert all("401" in described[name]["responses"] for name in described.keys() - is_open)
    assert document["security"] == [{"bearer": []}, {"superSecretKey": []}]


async def test_path_ids_and_pages_are_whole_numbers(document):
    parameters = [
        parameter
        for operation in operations(document).values()
        for parameter in operation["parameters"]
        if parameter["in"] == "path" or parameter["name"].startswith("page")
    ]

    assert len(parameters) > 20
    assert {parameter["schema"]["type"] for parameter in parameters} == {"integer"}


# What to look for, how to show it, and for which project the widgets are listed.
NO_FILTERS = {"search", "ordering", "page", "page_size", "dashboard_list project"}


async def test_every_filter_of_a_list_can_be_repeated(document):
    """rulings 4.9"""
    once = {
        (name, parameter["name"])
        for name, operation in operations(document).items()
        if name.endswith("_list")
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and not parameter["required"]
        if parameter["schema"]["type"] != "array"
    }

    assert ("tickets_list", "search") in once
    assert {one for one in once if not {one[1], " ".join(one)} & NO_FILTERS} == set()


async def test_no_reference_leads_nowhere(client):
    text = (await client.get("/openapi.json")).text
    components = msgspec.json.decode(text)["components"]

    references = set(re.findall(r'"#/components/(\w+)/([^"]+)"', text))

    assert len(references) > 30
    assert [one for one in references if one[1] not in components[one[0]]] == []
    assert all("." not in name for name in components["schemas"])


@pytest.mark.parametrize("name", SHAPES)
def test_examples_have_the_shape_they_illustrate(name):
    request, answer = SHAPES[name]

    assert isinstance(msgspec.convert(examples.REQUESTS[name], request), request)
    if name in examples.ANSWERS:
        assert set(examples.ANSWERS[name]) == set(answer.__struct_fields__)
        assert isinstance(msgspec.convert(examples.ANSWERS[name], answer), answer)


async def test_examples_are_shown_where_they_belong(document):
    created = operations(document)["tickets_create"]

    body = created["requestBody"]["content"]["application/json"]
    assert body["example"] == examples.REQUESTS["tickets_create"]
    assert created["responses"]["201"]["headers"].keys() == {"X-Request-ID", "ETag"}


@pytest.mark.parametrize("name", ["companies_create", "companies_update"])
async def test_a_company_is_written_as_json_or_as_a_form_with_its_logo(document, name):
    content = operations(document)[name]["requestBody"]["content"]
    schemas = document["components"]["schemas"]
    drawn = schemas[content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]]

    assert content["application/json"]["schema"] == content["multipart/form-data"]["schema"]
    assert drawn["properties"]["logo"]["anyOf"][0]["format"] == "binary"
    assert {"type": "null"} in drawn["properties"]["logo"]["anyOf"]


async def test_the_docs_page_needs_no_other_host(client):
    page = await client.get("/docs/")
    script = await client.get("/docs/start.js")

    assert page.headers["content-type"].startswith("text/html")
    assert "http" not in page.text.replace("<!doctype html>", "")
    assert '"/api/openapi.json"' in script.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "kind"), [("swagger-ui-bundle.js", "text/javascript"), ("swagger-ui.css", "text/css")]
)
async def test_the_pages_assets_come_from_the_server_itself(name, kind, client):
    asset = await client.get(f"/docs/{name}")

    assert asset.headers["content-type"].startswith(kind)
    assert len(asset.content) > 100_000
    assert (await client.get("/docs/README.md")).status_code == 404


async def test_limits_survive_in_lists_and_beside_null(document):
    ticket = document["components"]["schemas"]["TicketNew"]["properties"]
    column = document["components"]["schemas"]["ColumnNew"]["properties"]

    assert ticket["assignee_ids"]["items"]["minimum"] == 1
    assert ticket["company"]["anyOf"][0]["maximum"] == 2**63 - 1
    assert column["order"]["anyOf"][0]["minimum"] == 0


async def test_what_may_be_left_out_is_not_required_and_null_only_where_it_is_taken(document):
    patch = document["components"]["schemas"]["TicketPatch"]

    assert patch["required"] == []
    assert patch["properties"]["name"]["type"] == "string"
    assert {"type": "null"} in patch["properties"]["due_date"]["anyOf"]


async def test_query_parameters_are_never_null_and_keep_their_limits(document):
    parameters = {one["name"]: one for one in operations(document)["tickets_list"]["parameters"]}

    assert "null" not in str([one["schema"] for one in parameters.values()])
    assert parameters["priority_id"]["schema"]["items"]["maximum"] == 5
    assert parameters["page_size"]["schema"]["default"] == 20


MOMENT = {"anyOf": [{"format": "date"}, {"format": "date-time"}]}
ANY_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1, "examples": [1]}


@pytest.mark.parametrize(
    ("name", "parameter", "drawn"),
    [
        ("columns_list", "project", {"items": ANY_ID}),
        ("columns_delete", "move_to", {"minimum": 1, "maximum": 2**63 - 1}),
        ("tickets_list", "created_after", {"items": {"type": "string", **MOMENT}}),
        ("auditlog_list", "created_after", {"items": {"type": "string", **MOMENT}}),
    ],
)
async def test_a_parameter_says_what_it_takes(document, name, parameter, drawn):
    parameters = {one["name"]: one for one in operations(document)[name]["parameters"]}

    assert drawn.items() <= parameters[parameter]["schema"].items()


@pytest.mark.parametrize(
    ("name", "ordering"),
    [("tickets_list", "-created_at, name"), ("users_list", "email,-last_login")],
)
async def test_ordering_says_by_what(document, name, ordering):
    parameters = {one["name"]: one for one in operations(document)[name]["parameters"]}
    pattern = parameters["ordering"]["schema"]["pattern"]

    assert re.search(pattern, ordering)
    assert not re.search(pattern, "password")


@pytest.mark.parametrize("name", ["comments_list", "attachments_list"])
async def test_the_ticket_whose_things_are_listed_must_be_named(document, name):
    parameters = {one["name"]: one for one in operations(document)[name]["parameters"]}

    assert parameters["ticket"]["required"]


@pytest.mark.parametrize("name", ["tags_add_contact", "users_assign_role"])
async def test_what_may_be_there_already_describes_both_answers(document, name):
    assert {"200", "201"} <= operations(document)[name]["responses"].keys()


async def test_single_objects_describe_304_and_everything_describes_500(document):
    described = operations(document)

    assert described["tickets_show"]["responses"]["304"]["headers"].keys() >= {"ETag"}
    assert "304" not in described["tickets_update"]["responses"]
    assert all("500" in operation["responses"] for operation in described.values())


async def test_every_tag_in_use_says_what_it_is_about(document):
    used = {tag for operation in operations(document).values() for tag in operation["tags"]}

    assert used <= {tag["name"] for tag in document["tags"]}


async def test_the_document_is_made_off_the_event_loop_and_once():
    asked = []

    def describe():
        asked.append(threading.current_thread())
        return {"openapi": "3.1.0"}

    client = client_of(Litestar([documentation(describe)], openapi_config=None))
    answers = [await client.get("/openapi.json") for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"openapi": "3.1.0"}] * 2
    assert [thread is threading.main_thread() for thread in asked] == [False]


async def test_describing_the_api_leaves_the_log_as_it_is(client):
    before = logging.getLogger().handlers[:]

    describe(make_settings())

    assert logging.getLogger().handlers == before


def test_a_dashboard_that_not_every_role_may_see_says_so(document):
    answers = {
        slug: document["paths"][f"/api/tickets/dashboard/{slug}/"]["get"]["responses"]
        for slug in ("company-health", "workload")
    }

    assert ["403" in answer for answer in answers.values()] == [True, True]
