"""Raw exports → a draft of their study file."""
