"""What both members of a dyad share, and how they influence each other."""
