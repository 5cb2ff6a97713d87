"""Ten years of sessions against one: page, gap list, reader, a night."""
