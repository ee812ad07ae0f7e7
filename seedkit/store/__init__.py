"""What is kept of a corpus between runs, in the user's cache folder."""
