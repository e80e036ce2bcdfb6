"""`python -m ticketing_server`, and `ticketing-server`: imports the commands, and runs one."""

import gc
import importlib


def main() -> None:
    """Nothing that is imported is garbage: to look for it meanwhile is a tenth of a start."""
    gc.disable()
    cli = importlib.import_module("ticketing_server.cli")
    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
