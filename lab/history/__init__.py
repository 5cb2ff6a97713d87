"""The history rebuilt from ka10059 on the simulator: its figures, and every cell of it against the nights' own."""
