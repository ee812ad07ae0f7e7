"""What a corpus is set by: its configuration and formats, validated, and remembered."""
