"""Drills: what changes what is answered, and more of them started from here."""
