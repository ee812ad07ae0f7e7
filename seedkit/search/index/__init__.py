"""The search index: where it is kept, and how it is made equal to the seeds."""
