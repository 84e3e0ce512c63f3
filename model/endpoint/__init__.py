"""Models behind a server that speaks OpenAI's protocol: vLLM, llama.cpp, Ollama, a provider."""
