"""Self-study: questions about every passage of the documents, and what the model that reads them says."""
