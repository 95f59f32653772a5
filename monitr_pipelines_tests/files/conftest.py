"""The folders of the formats share `files_kit`, which is found beside this file."""
