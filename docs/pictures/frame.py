"""The frame that pictures of twelve months share: size, axis, style, and how a picture is opened."""

from docs.pictures.colours import plain
from shared.domain.benefit.curves import MONTHS

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 1200, 100, 1180, 110, 510
SLOT = (RIGHT - LEFT) // MONTHS

STYLE = """\
    svg { --paper: #ffffff; --ink: #1b2733; --soft: #52606d; --line: #c3ccd4;
           --kept: #e9f4e4; --kept-edge: #4f8a3c; --wage: #e3effa; --wage-edge: #3f7cb5;
           --benefit: #fff3dc; --benefit-edge: #b97d10; --third: #9b3d83; }
    @media (prefers-color-scheme: dark) {
      svg { --paper: #10171e; --ink: #e6edf3; --soft: #a9b6c2; --line: #3a4753;
             --kept: #1d3718; --kept-edge: #86c46f; --wage: #17324a; --wage-edge: #6aa9e0;
             --benefit: #40300f; --benefit-edge: #e0aa45; --third: #d98cc5; }
    }
    text { font-family: system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif; font-size: 16px; fill: var(--ink); }
    .h { font-weight: 700; font-size: 20px; }
    .s { font-size: 15px; fill: var(--soft); }
    .m { text-anchor: middle; }
    .e { text-anchor: end; }
    .paper { fill: var(--paper); }
    .grid { stroke: var(--line); stroke-width: 1; }
    .kept { fill: var(--kept); stroke: var(--kept-edge); stroke-width: 2; }
    .wage { fill: var(--wage); stroke: var(--wage-edge); stroke-width: 2; }
    .benefit { fill: var(--benefit); stroke: var(--benefit-edge); stroke-width: 2; }
    .before { stroke: var(--ink); stroke-width: 3; stroke-dasharray: 9 6; }
    .curve { fill: none; stroke-width: 3.5; }
    .linear { stroke: var(--wage-edge); stroke-dasharray: 10 5; }
    .stepped { stroke: var(--benefit-edge); }
    .halving { stroke: var(--third); stroke-dasharray: 3 5; }
    .is-linear { fill: var(--wage-edge); }
    .is-stepped { fill: var(--benefit-edge); }
    .is-halving { fill: var(--third); }"""


def opened(title: str, desc: str, *, height: int) -> list[str]:
    """Return the head of a picture: what it is called, what it shows in words, its style and its paper."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="title desc">',
        f'  <title id="title">{title}</title>',
        f'  <desc id="desc">{desc}</desc>',
        f"  <style>\n{plain(STYLE)}\n  </style>",
        f'  <rect class="paper" x="0" y="0" width="{WIDTH}" height="{height}" rx="14"/>',
        f'  <text class="h" x="40" y="48">{title}</text>',
    ]


def rule(y: int, text: str) -> list[str]:
    """Return a line across the picture with its label on the left."""
    return [
        f'  <line class="grid" x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}"/>',
        f'  <text class="s e" x="{LEFT - 12}" y="{y + 5}">{text}</text>',
    ]


def height_of(amount: int, top: int) -> int:
    """Return the y of an amount on an axis that ends at ``top``."""
    return BOTTOM - (BOTTOM - TOP) * amount // top
