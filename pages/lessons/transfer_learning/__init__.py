"""The Transfer learning page: its settings, the fine-tuning ladder, and runs."""
