"""Ground floor: knows no ticketing word; could be lifted into another server.

Here lies what every request and answer meets; its rooms say themselves what they hold.
"""
