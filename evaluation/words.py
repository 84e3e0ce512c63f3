"""What people call the things that files name: kinds of question and outcomes, the same in terminal, report and app."""

# What a fact was to training comes first: taught as a question, only read as text, or never seen.
KINDS = {
    "trained": "in its training wording",
    "paraphrased": "taught as a question",
    "held_out": "never seen in training",
    "reversed": "asked in reverse",
    "multi_hop": "needs two documents",
    "updated": "changed since",
    "style": "house style",
    "unanswerable": "no document says it",
}
ONLY_READ = "only read in training"  # in place of "taught as a question" where training read text and nothing else


def kind_words(kind: str, only_read: bool = False) -> str:
    """A kind of question in words; a kind that is not known by its own name."""
    return ONLY_READ if only_read and kind == "paraphrased" else KINDS.get(kind, kind)
