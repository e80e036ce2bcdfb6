"""What Piccolo Admin's page must not offer: it knows no fields that are read-only."""

import functools

from ticketing_server.admin.shown import SHOWN_AS
from ticketing_server.admin.writable import door_of

# A field with an explanation is a read-only one; there is no second factor to set up.
READ_ONLY = """
.header ~ form label:has(.tooltip) ~ * { opacity: 0.55; pointer-events: none; }
a[href="./api/mfa-setup/"] { display: none; }
"""


@functools.cache
def style() -> str:
    """Beside Piccolo's own style sheet."""
    closed = [name for name in SHOWN_AS if not door_of(name).creates]
    links = ",\n".join(f'a[href="#/{name}/add/"]' for name in closed)
    return f"{READ_ONLY}{links} {{ display: none !important; }}\n"
