"""What happened: written with the change, in its transaction; read by history and activity."""
