"""Live: events tell where to look, a look at the disk tells what is so."""
