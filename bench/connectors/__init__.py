"""Connectors beside dlt's rest_api source, at latencies, from the spool, and with nothing to do."""
