"""A place to listen at; what a server has set for the whole process is put back."""

import gc
import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    generations = gc.get_threshold()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener
    gc.unfreeze()
    gc.set_threshold(*generations)
