"""Ask, grade, price, test, decide, report; the `trivium` command."""
