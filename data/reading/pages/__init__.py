"""From characters at places on a page to running text and tables."""
