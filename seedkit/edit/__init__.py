"""Changes of a corpus: seeds are added, moved and removed, with all that is written of them."""
