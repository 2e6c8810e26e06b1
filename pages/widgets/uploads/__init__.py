"""Bringing files in: Streamlit's uploaders, with files that lie on disk."""
