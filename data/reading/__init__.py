"""One reader for each kind of document: bytes in, text out. All that parses the files of others is here."""
