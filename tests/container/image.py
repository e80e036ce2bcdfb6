"""An image built by executing the Containerfile's own steps, and a container of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.container.containerfile import Copy, Run, Stage, read
from tests.container.roots import BASE_ENVIRONMENT, Root, as_user

CHECKOUT = Path(__file__).parents[2]
DATA = "/data"


@dataclass(frozen=True)
class Image:
    root: Root
    stage: Stage


def build(directory: Path) -> Image:
    """The last stage of the Containerfile, below the directory."""
    text = (CHECKOUT / "Containerfile").read_text(encoding="utf-8")
    stages = read(text, BASE_ENVIRONMENT)
    built: dict[str | None, Root] = {}
    for number, stage in enumerate(stages):
        built[stage.name] = root = Root(directory / str(number))
        _open_python(root)
        for step in stage.steps:
            _execute(step, root, stage, built)
    return Image(built[stages[-1].name], stages[-1])


def _open_python(root: Root) -> None:
    """The base image's Python can be reached by every user; this machine's may be root's own."""
    above = [str(path) for path in Path(sys.base_prefix).parents if path != Path("/")]
    root.run(f"chmod o+x {' '.join(above)}", "/", BASE_ENVIRONMENT, {})


def _execute(step: Copy | Run, root: Root, stage: Stage, built: dict[str | None, Root]) -> None:
    if isinstance(step, Run):
        caches = {_pip_cache(): target for target in step.caches}
        root.run(step.line, stage.workdir, step.environment, caches)
        return
    for source in step.sources:
        if step.stage:
            root.copy(built[step.stage].changes / source.lstrip("/"), step.target)
        else:
            root.copy(CHECKOUT / source, step.target, without=["__pycache__"])


def _pip_cache() -> Path:
    """The one cache that the Containerfile keeps outside the image is pip's; ours stands for it."""
    asked = [sys.executable, "-m", "pip", "cache", "dir"]
    found = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    found.mkdir(parents=True, exist_ok=True)
    return found


class Container:
    """The image's CMD under way, with nothing to write in but a new data directory."""

    def __init__(self, image: Image, data: Path, **settings: str) -> None:
        self._image = image
        stage = image.stage
        # As an engine fills a new volume: with what the image has there, and whose it is.
        subprocess.run(["cp", "-a", image.root.changes / DATA.lstrip("/"), data], check=True)
        self._environment = {"HOME": DATA, **stage.environment, **settings}
        self._process = subprocess.Popen(
            image.root.read_only(
                stage.settings["CMD"],
                stage.settings["USER"][0],
                stage.workdir,
                {data: stage.settings["VOLUME"][0]},
            ),
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.ready = self._process.stdout.readline()

    def execute(self, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """A second command inside, by the same user, as `exec` of an engine."""
        stage = self._image.stage
        spaces = ["--mount", "--pid", "--net", "--root", "--wd"]
        return subprocess.run(
            [
                "nsenter",
                "--target",
                str(self._first()),
                *spaces,
                *as_user(stage.settings["USER"][0], command),
            ],
            env=self._environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def visited(self) -> dict[str, object]:
        """What `visit.py` tells, from inside the container's network and outside the rest of it."""
        inside = ["nsenter", "--target", str(self._first()), "--net"]
        visit = [sys.executable, "-m", "tests.container.visit"]
        done = subprocess.run([*inside, *visit], cwd=CHECKOUT, capture_output=True, check=True)
        return json.loads(done.stdout)

    def healthcheck(self) -> subprocess.CompletedProcess[str]:
        return self.execute(*self._image.stage.settings["HEALTHCHECK"])

    def stop(self) -> int:
        """The exit status after the image's own stop signal."""
        number = signal.Signals[self._image.stage.settings["STOPSIGNAL"][0]]
        if self._process.poll() is None:
            os.kill(self._first(), number)
        status = self._process.wait(timeout=40)
        if self._process.stdout:
            self._process.stdout.close()
        return status

    def _first(self) -> int:
        """Process 1 of the container, by its number outside."""
        of_starter = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        return int(Path(of_starter).read_text().split()[0])


@contextmanager
def running(image: Image, data: Path, **settings: str) -> Generator[Container]:
    container = Container(image, data, **settings)
    try:
        yield container
    finally:
        container.stop()
