"""The base model: where its weights come from, load once, generate, count tokens and seconds."""
