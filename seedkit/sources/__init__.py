"""Where bytes come from: the disk, or git; and the only writer of the user's files."""
