"""All is in pyproject.toml but this: what stands at the top of the project travels inside the package."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# See monitr_pipelines/shipped.py; Dagster looks for pyproject.toml in the folder of the code or above it.
SHIPPED = ("sql", "deploy", "dagster.yaml", "workspace.yaml", "pyproject.toml")


class BuildWithShipped(build_py):
    """Adds them to what is built; an editable install finds them in the checkout."""

    def run(self) -> None:
        """Build the package, then copy."""
        super().run()
        if self.editable_mode:
            return
        for name in SHIPPED:
            source, target = Path(name), Path(self.build_lib, "monitr_pipelines", name)
            if source.is_dir():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)


setup(cmdclass={"build_py": BuildWithShipped})
