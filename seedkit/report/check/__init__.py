"""What `check` prints: one module per output format."""
