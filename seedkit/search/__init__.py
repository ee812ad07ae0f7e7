"""Full-text search: our own query language and analysis, several engines, one answer."""
