"""The corpus as it is now: its seeds' facts, kept current by `workspace`."""
