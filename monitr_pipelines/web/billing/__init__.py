"""The subscription of an organisation, in words."""
