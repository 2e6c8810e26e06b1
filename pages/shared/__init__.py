"""All Streamlit glue that pages share. Nothing here imports TensorFlow: it would stand before the first paint."""
