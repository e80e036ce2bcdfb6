"""`python -m tests.faults.hasty …`: `ticketing-server`, which waits for clients a part as long.

`HASTE` says how many times sooner it gives up.
"""

import os

from ticketing_server.cli import main
from ticketing_server.connections import limits, patience

if __name__ == "__main__":
    haste = float(os.environ["HASTE"])
    limits.LOOK_SECONDS /= haste
    patience.SECONDS.update({what: long / haste for what, long in patience.SECONDS.items()})
    main()
