"""`python -m tests.faults.hasty …`: `ticketing-server`, which waits for clients a part as long."""

from tests.faults.extent import HASTE
from ticketing_server.cli import main
from ticketing_server.connections import limits, patience

if __name__ == "__main__":
    limits.LOOK_SECONDS /= HASTE
    patience.SECONDS.update({what: long / HASTE for what, long in patience.SECONDS.items()})
    main()
