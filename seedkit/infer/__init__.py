"""From texts to the formats that explain them, with the evidence and the exceptions.

Pure: files and texts in, proposals out. The principle is minimum description length (Rissanen
1978): the best format is the one with which the format, and then all that it leaves open in the
files, can be written down in the fewest bits. From the bottom up: `draft` (a format being thought
of), `cost` (its bits), `lines`, `records`, `labels`, `tags`, `positional` (what might be the
format), `tighten` (what those leave open), `contents` and `facts` (what sections hold), `names`
(file names), `choose` (the best for some texts), `cover` (several formats in one folder).
"""
