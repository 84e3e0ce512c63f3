"""The Streamlit app: reads run folders."""
