"""What listens on HTTP: the web hook for programs, the Entities page for people."""
