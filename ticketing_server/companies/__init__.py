"""Client companies: who looks after them, who belongs to them, how they fare."""
