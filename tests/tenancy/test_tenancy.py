"""Clients of one provider never see each other, whatever people do and in whatever order.

A model of the rules in plain Python walks beside the server: it foretells every status and
everything that every person finds. What is hidden must look, to the byte, like what is not there.
"""

import asyncio
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.tenancy.machine import Comings, Tenancy
from tests.tenancy.server import Server

AT_ONCE = 20
"""Steps from one clean start to the next."""
STEPS = int(os.environ.get("TENANCY_STEPS", "160"))
IS_NIGHTLY = "TENANCY_STEPS" in os.environ


@pytest.mark.parametrize("machine", [Tenancy, Comings])
async def test_everybody_sees_exactly_what_the_rules_say(app, empty_database, machine):
    """The same steps each time; as many new ones as TENANCY_STEPS says when that is set."""
    server = Server(app, asyncio.get_running_loop())
    budget = settings(
        max_examples=max(1, STEPS // AT_ONCE),
        stateful_step_count=AT_ONCE,
        derandomize=not IS_NIGHTLY,
        database=None,
        deadline=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink] if IS_NIGHTLY else [Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    walked = type("Walk", (machine,), {"server": server})
    await asyncio.to_thread(run_state_machine_as_test, walked, settings=budget)
    await server.close()
