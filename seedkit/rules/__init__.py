"""Rules: the faults that seedkit finds. `table.py` lists them; the checks are beside it."""
