"""Methods that change weights: training examples, LoRA training, adapters."""
