"""From a request for an import to its outcome: what may happen, what it is called, who acts; pure."""
