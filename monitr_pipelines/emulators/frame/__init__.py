"""What every emulator of an accounting software stands on: a server, its log, faults on demand."""
