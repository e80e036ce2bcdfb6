"""The six dashboards of the API reference, as widgets like any other (rulings 6.10)."""

from ticketing_server.dashboard.builtin.activity import ACTIVITY
from ticketing_server.dashboard.builtin.attention_needed import ATTENTION_NEEDED
from ticketing_server.dashboard.builtin.company_health import COMPANY_HEALTH
from ticketing_server.dashboard.builtin.kanban_summary import KANBAN_SUMMARY
from ticketing_server.dashboard.builtin.newest import NEWEST
from ticketing_server.dashboard.builtin.workload import WORKLOAD
from ticketing_server.dashboard.plugin import API, Plugin

BUILTIN = Plugin(
    name="ticketing-server",
    api=API,
    widgets=[COMPANY_HEALTH, ATTENTION_NEEDED, NEWEST, ACTIVITY, WORKLOAD, KANBAN_SUMMARY],
)
