"""`python -m ticketing_server`."""

from ticketing_server.cli import main

if __name__ == "__main__":
    main()
