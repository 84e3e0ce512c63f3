"""Questions in the forms that people have, read in one way for `trivium import`, a domain's own file and the app."""
