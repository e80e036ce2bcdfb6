"""Ground floor: knows no ticketing word; could be lifted into another server."""
