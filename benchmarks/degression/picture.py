"""The picture: times the copy limit, by the number of cases, both axes in powers of ten."""

from collections.abc import Iterable, Iterator, Mapping
from math import log10

from docs.pictures.colours import plain

LEFT, TOP, WIDTH, HEIGHT = 120, 100, 760, 460
LOW, HIGH = 0, 4
NAMES = {
    "scalar": "the rule, case by case",
    "openfisca": "OpenFisca-Core",
    "numpy": "NumPy",
    "numba": "Numba, all cores",
}
STYLE = """\
    svg { --paper: #ffffff; --ink: #1b2733; --soft: #52606d; --line: #c4cdd5; --scalar: #8795a1; --openfisca: #b97d10;
           --numpy: #3f7cb5; --numba: #4f8a3c; --limit: #b03a2e; }
    @media (prefers-color-scheme: dark) {
      svg { --paper: #10171e; --ink: #e6edf3; --soft: #a9b6c2; --line: #33414d; --scalar: #8795a1; --openfisca: #e0aa45;
             --numpy: #6aa9e0; --numba: #86c46f; --limit: #f0887a; }
    }
    text { font-family: system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif; font-size: 16px; fill: var(--ink); }
    .h { font-weight: 700; font-size: 18px; }
    .s { font-size: 14px; fill: var(--soft); }
    .m { text-anchor: middle; }
    .e { text-anchor: end; }
    .paper { fill: var(--paper); }
    .grid { stroke: var(--line); stroke-width: 1; }
    .limit { stroke: var(--limit); stroke-width: 2; stroke-dasharray: 7 5; }
    .red { fill: var(--limit); }
    polyline { fill: none; stroke-width: 3; }
    .of { font-weight: 600; }"""


def draw(measured: Mapping[str, Mapping[int, float]]) -> str:
    """Return the picture as SVG: for each engine, its times of the limit by the number of cases."""
    sizes = sorted(next(iter(measured.values())))
    lines = [line for engine, points in measured.items() for line in _engine(engine, points)]
    told = "; ".join(f"{NAMES[engine]} {points[sizes[-1]]:.3g}" for engine, points in measured.items())
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 660" role="img" aria-labelledby="title desc">',
            '  <title id="title">How often the batch could have been copied in the time it took</title>',
            f'  <desc id="desc">Times the copy of the same inputs and outputs, at {sizes[-1]:,} cases: {told}.</desc>',
            "  <style>",
            plain("\n".join([STYLE, *_lines(measured)])),
            "  </style>",
            '  <rect class="paper" width="1200" height="660"/>',
            f'  <text class="h" x="{LEFT}" y="44">The benefit of many cases, against copying their columns once</text>',
            f'  <text class="s" x="{LEFT}" y="70">time as a multiple of numpy.copyto of the same inputs and outputs; '
            "4 benefits, 13 calendar months, shares of 2 payers, codes</text>",
            *_axes(sizes),
            *lines,
            "</svg>",
            "",
        ]
    )


def _lines(engines: Iterable[str]) -> Iterator[str]:
    for engine in engines:
        yield f"    polyline.{engine} {{ stroke: var(--{engine}); }}"
        yield f"    circle.{engine}, text.{engine} {{ fill: var(--{engine}); }}"


def _axes(sizes: list[int]) -> list[str]:
    found = []
    for power in range(LOW, HIGH + 1):
        y = _y(10.0**power)
        found.append(f'  <line class="grid" x1="{LEFT}" y1="{y}" x2="{LEFT + WIDTH}" y2="{y}"/>')
        found.append(f'  <text class="s e" x="{LEFT - 14}" y="{y + 5}">{10**power:,} x</text>'.replace(",", " "))
    for size in sizes:
        x = _x(size)
        found.append(f'  <line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{TOP + HEIGHT}"/>')
        found.append(f'  <text class="s m" x="{x}" y="{TOP + HEIGHT + 28}">{size:,} cases</text>'.replace(",", " "))
    y = _y(1)
    found.append(f'  <line class="limit" x1="{LEFT}" y1="{y}" x2="{_x(max(sizes))}" y2="{y}"/>')
    found.append(f'  <text class="red" x="{LEFT + 10}" y="{y - 10}">the copy itself</text>')
    return found


def _engine(engine: str, points: Mapping[int, float]) -> list[str]:
    places = [(_x(size), _y(times)) for size, times in sorted(points.items())]
    joined = " ".join(f"{x},{y}" for x, y in places)
    last_x, last_y = places[-1]
    value = (
        f"{points[max(points)]:.3g}" if points[max(points)] < 1000 else f"{points[max(points)]:,.0f}".replace(",", " ")
    )
    return [
        f'  <polyline class="{engine}" points="{joined}"/>',
        *(f'  <circle class="{engine}" cx="{x}" cy="{y}" r="6"/>' for x, y in places),
        f'  <text class="{engine} of" x="{last_x + 20}" y="{last_y + 5}">{NAMES[engine]}: {value} x</text>',
    ]


def _x(size: int) -> float:
    return round(LEFT + 60 + (WIDTH - 120) * (log10(size) - 4) / 2, 1)


def _y(times: float) -> float:
    return round(TOP + HEIGHT - HEIGHT * (log10(times) - LOW) / (HIGH - LOW), 1)
