"""What people and programs wait for: the web hook, the open page, the night."""
