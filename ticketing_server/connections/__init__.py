"""How clients hold connections to us: for how long, in whose turn, and how we part from them.

Knows HTTP and uvicorn, and nothing of what is asked. Decision 22 says why.
"""

from ticketing_server.connections.protocol import Connection as Connection
from ticketing_server.connections.server import Server as Server
from ticketing_server.connections.workers import Workers as Workers

__all__ = ["Connection", "Server", "Workers"]
