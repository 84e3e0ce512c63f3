"""Documents and questions: schema, loading, checking, the sample domain."""
