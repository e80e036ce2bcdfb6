"""How the API describes the plugin's routes."""


async def test_the_routes_are_described_under_the_plugins_name(client):
    document = (await client.get("/openapi.json")).json()

    path = document["paths"]["/api/plugins/sla-watch/projects/{id}/targets/"]
    assert path["get"]["operationId"] == "sla_watch_targets_show"
    assert path["put"]["operationId"] == "sla_watch_targets_replace"
    assert path["put"]["tags"] == ["Plugins"]
    body = path["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/TargetsIn"}
    target = document["components"]["schemas"]["TargetIn"]
    assert target["properties"]["priority_id"]["maximum"] == 5
    assert target["required"] == [
        "priority_id",
        "first_response_minutes",
        "resolution_minutes",
    ]
