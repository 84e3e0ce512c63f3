"""The `trivium` command, one family of commands a file."""
