"""How the formats of uploaded files are told apart and read; ``crm_ai.data.sources`` is the door."""
