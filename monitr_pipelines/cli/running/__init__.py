"""What `monitr up` keeps running, once a home, and what an earlier one left behind."""
