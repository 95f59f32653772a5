"""The kits of this folder are there for the folders of single providers too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
