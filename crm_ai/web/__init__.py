"""Addresses beside the pages: what a browser or a program calls without Streamlit (sign-in, health)."""
