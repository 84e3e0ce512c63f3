"""GGUF files: where a name's file lies, what its header says, and how it becomes safetensors."""
