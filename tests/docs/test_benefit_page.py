"""docs/benefit.md: its commands do what it says, its tables and pictures are those of the rule."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.pictures.frame import STYLE
from docs.pictures.make import INTEGRATE, PAGE, curves_picture, made, made_page, made_walk, parameter_table
from shared.domain.benefit.curves import NAMED
from shared.domain.benefit.dated import shipped
from tests.cli.command import bare

_BLOCKS = re.compile(r"```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[\w-]{10}")
_RULES = re.compile(r"^ *([^{}\n]+?) \{ ([^}]*) \}", re.MULTILINE)
_COLOURS = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")


def run(script: str, folder: Path) -> str:
    """Run the commands of a block as a reader's shell would, with this Python; what they print on both streams."""
    python = shlex.quote(sys.executable)
    spelt = script.replace("./dev zwornik", f"{python} -m services.cli").replace("python3 -c", f"{python} -c")
    environment = bare({"PYTHONIOENCODING": "utf-8", "PATH": os.environ["PATH"]})
    ran = subprocess.run(["sh", "-c", spelt], cwd=folder, env=environment, capture_output=True, check=False, timeout=60)
    return (ran.stdout + ran.stderr).decode()


def test_each_command_of_the_page_prints_what_the_page_shows(tmp_path: Path) -> None:
    blocks = _BLOCKS.findall(PAGE.read_text("utf-8"))
    shown = [(script, output) for script, output in blocks if output]
    assert len(shown) == 4
    for script, output in blocks:
        assert plain(run(script, tmp_path)) == plain(output)


def plain(text: str) -> str:
    """The text without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


@pytest.mark.parametrize("path", made(), ids=lambda path: path.name)
def test_pictures_and_tables_are_those_that_the_rule_makes(path: Path) -> None:
    assert path.read_text("utf-8") == made()[path], "run: .venv/bin/python -m docs.pictures.make"


def test_a_version_that_the_program_does_not_print_is_noticed() -> None:
    walk, page = INTEGRATE.read_text("utf-8"), PAGE.read_text("utf-8")
    ours = shipped()
    assert set(_VERSION.findall(walk)) == {ours.scheme.version}
    assert len(_VERSION.findall(page)) == 4
    assert set(_VERSION.findall(page)) > {ours.scheme.version, ours.law.version}
    assert made_walk(walk.replace(ours.scheme.version, "2000-01-01.Nkyq3WtSSB")) == walk
    for version in set(_VERSION.findall(page)):
        assert made_page(page.replace(version, "2000-01-01.Nkyq3WtSSB")) == page


def test_a_figure_that_drifts_is_noticed() -> None:
    page = PAGE.read_text("utf-8")
    assert made_page(page.replace("| 895,20\u00a0zł |", "| 895,30\u00a0zł |")) == page
    assert made()[PAGE.parent / "pictures" / "income.svg"].count("895,20") == 4


def test_every_parameter_of_the_scheme_stands_on_the_page() -> None:
    assert len(parameter_table().splitlines()) == 2 + sum(map(len, shipped().scheme.rows.values()))
    assert "never published" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", ["income.svg", "curves.svg"])
def test_a_picture_can_be_read_without_seeing_it_and_on_any_background(name: str) -> None:
    text = made()[PAGE.parent / "pictures" / name]
    tree = ElementTree.fromstring(text)  # noqa: S314  (it was made here)
    labels = {element.get("id"): element.text for element in tree if element.get("id") in ("title", "desc")}
    assert tree.get("aria-labelledby") == "title desc"
    assert all(labels[each] for each in ("title", "desc"))
    light, dark = (dict(_COLOURS.findall(part)) for part in STYLE.split("@media (prefers-color-scheme: dark)"))
    assert light.keys() == dark.keys()
    for theme in (light, dark):
        assert contrast(theme["soft"], theme["paper"]) >= 4.5
        for fill in ("kept", "wage", "benefit", "paper"):
            assert contrast(theme["ink"], theme[fill]) >= 7
        for edge in ("kept-edge", "wage-edge", "benefit-edge", "third"):
            assert contrast(theme[edge], theme["paper"]) >= 3


@pytest.mark.parametrize("path", sorted((PAGE.parent / "pictures").glob("*.svg")), ids=lambda path: path.name)
def test_every_colour_is_plain_and_has_its_dark_one(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "var(" not in text, "a viewer that knows no variables would show it black"
    light, dark = text.partition("</style>")[0].split("@media (prefers-color-scheme: dark)")
    coloured = {rule for rule, inside in _RULES.findall(light) if "#" in inside.replace("url(#", "")}
    assert coloured == {rule for rule, _ in _RULES.findall(dark)} > {"text", ".paper"}


def test_the_picture_of_the_curves_tells_every_rate() -> None:
    assert set(NAMED) == {"linear", "stepped", "halving"}
    assert "halving: 100%, 84.09%, 70.72%" in curves_picture()


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 measures it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
