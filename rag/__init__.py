"""Methods that change the prompt: chunk, embed, index, retrieve, inject."""
