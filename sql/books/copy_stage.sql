-- Purpose: stream a delivery into the stage.
copy stage from stdin
