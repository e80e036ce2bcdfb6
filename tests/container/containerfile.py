"""Reads a Containerfile: the instructions that ours uses, and no more.

Anything else raises NotUnderstood, so that no step can be added which the tests pass over.
"""

import json
import re
import shlex
from dataclasses import dataclass, field

COMMENT = re.compile(r"^\s*#.*\n", re.MULTILINE)
CONTINUED = re.compile(r"\\\n")
VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
# They say how a container runs, and do nothing to the image's files.
SETTINGS = {"CMD", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "USER", "VOLUME"}


class NotUnderstood(Exception):
    """The instruction is none of those that are executed."""


@dataclass(frozen=True)
class Copy:
    sources: list[str]
    target: str
    stage: str | None


@dataclass(frozen=True)
class Run:
    """A line for `/bin/sh -c`; each cache is a directory that lives outside the image."""

    line: str
    caches: list[str]
    environment: dict[str, str]


@dataclass
class Stage:
    """`settings` say how a container of it runs; each is a list of words."""

    base: str
    name: str | None
    environment: dict[str, str]
    workdir: str = "/"
    arguments: dict[str, str] = field(default_factory=dict)
    steps: list[Copy | Run] = field(default_factory=list)
    settings: dict[str, list[str]] = field(default_factory=dict)


def read(text: str, environment: dict[str, str]) -> list[Stage]:
    """Its stages, each beginning with the environment that the base image has."""
    defaults: dict[str, str] = {}
    stages: list[Stage] = []
    for line in CONTINUED.sub(" ", COMMENT.sub("", text)).splitlines():
        if not line.strip():
            continue
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            stages.append(_stage(_filled(rest, defaults), dict(environment)))
        elif not stages:
            _argument(instruction, rest, defaults)
        else:
            _apply(stages[-1], instruction, rest.strip(), defaults)
    return stages


def _stage(rest: str, environment: dict[str, str]) -> Stage:
    base, *name = rest.split()
    return Stage(base, name[1] if name else None, environment)


def _argument(instruction: str, rest: str, defaults: dict[str, str]) -> None:
    if instruction != "ARG":
        raise NotUnderstood(instruction)
    name, _, value = rest.partition("=")
    defaults[name] = value


def _apply(stage: Stage, instruction: str, rest: str, defaults: dict[str, str]) -> None:
    match instruction:
        case "COPY":
            stage.steps.append(_copy(rest, stage.workdir))
        case "RUN":
            stage.steps.append(_run(rest, stage.environment | stage.arguments))
        case "ARG":
            stage.arguments[rest] = defaults[rest]
        case "ENV":
            pairs = [pair.partition("=") for pair in shlex.split(rest)]
            stage.environment |= {
                name: _filled(value, stage.environment) for name, _, value in pairs
            }
        case "WORKDIR":
            stage.workdir = rest
        case _:
            stage.settings[instruction] = _setting(instruction, rest)


def _setting(instruction: str, rest: str) -> list[str]:
    if instruction not in SETTINGS:
        raise NotUnderstood(instruction)
    words = rest.partition(" CMD ")[2] if instruction == "HEALTHCHECK" else rest
    return json.loads(words) if words.startswith("[") else words.split()


def _copy(rest: str, workdir: str) -> Copy:
    options, words = _options(rest)
    *sources, target = words.split()
    if unknown := options.keys() - {"from"}:
        raise NotUnderstood(f"COPY --{unknown}")
    return Copy(sources, f"{workdir}/{target}" if target[0] != "/" else target, options.get("from"))


def _run(rest: str, environment: dict[str, str]) -> Run:
    options, line = _options(rest)
    if unknown := options.keys() - {"mount"}:
        raise NotUnderstood(f"RUN --{unknown}")
    caches: list[str] = []
    if mount := options.get("mount"):
        kind, target = mount.split(",")
        if kind != "type=cache":
            raise NotUnderstood(f"RUN --mount={mount}")
        caches.append(target.removeprefix("target="))
    return Run(line, caches, environment)


def _options(rest: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while rest.startswith("--"):
        option, _, rest = rest.partition(" ")
        name, _, value = option.removeprefix("--").partition("=")
        options[name], rest = value, rest.strip()
    return options, rest


def _filled(text: str, values: dict[str, str]) -> str:
    return VARIABLE.sub(lambda match: values[match[1] or match[2]], text)
