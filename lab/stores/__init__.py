"""Real object stores on this machine: SeaweedFS, OpenStack Swift, Azurite."""
