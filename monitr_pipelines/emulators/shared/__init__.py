"""The books that all emulators show, each in the words of its software: one set, edited while they run."""
