"""What operations staff and their monitoring ask of the web process."""
