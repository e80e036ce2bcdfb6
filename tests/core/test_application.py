"""The server is made without what Litestar brings for libraries that nothing here speaks."""

import subprocess
import sys

from tests.conftest import ENVIRONMENT, NOWHERE

MADE = f"""
from ticketing_server.app import create_app
from ticketing_server.settings import load_settings
create_app(load_settings({ENVIRONMENT | NOWHERE!r}))
"""
MADE_BY_LITESTAR = "from litestar import Litestar; Litestar()"
LOADED = "import sys; print([name for name in ('attr', 'pydantic') if name in sys.modules])"


def loaded_by(script, directory):
    """Which of them a fresh interpreter has imported after that."""
    run = subprocess.run(
        [sys.executable, "-c", f"{script}\n{LOADED}"],
        capture_output=True,
        text=True,
        cwd=directory,
        check=True,
    )
    return run.stdout.strip()


def test_making_the_server_loads_neither_pydantic_nor_attrs(tmp_path):
    """Litestar's own way of making an application does, where they are installed.

    When this fails, a new Litestar has another hook than the one that `Application` overrides.
    """
    assert loaded_by(MADE, tmp_path) == "[]"
    assert "pydantic" in loaded_by(MADE_BY_LITESTAR, tmp_path)
