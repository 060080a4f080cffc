"""Colours of the pictures: written as variables of CSS, drawn as plain colours.

A viewer that knows no variables shows black on black. So each rule gets its light colour itself, and the dark ones
follow in a block at the end, where a viewer that does not know it has read all the rest.

>>> print(plain('''    svg { --ink: #000000; }
...     @media (prefers-color-scheme: dark) {
...       svg { --ink: #ffffff; }
...     }
...     .h { font-size: 20px; fill: var(--ink); }'''))
    .h { font-size: 20px; fill: #000000; }
    @media (prefers-color-scheme: dark) {
      .h { fill: #ffffff; }
    }
"""

import re

_COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
_THEMES = re.compile(r" *svg \{([^}]*)\}\n *(@media [^{]*) \{\n *svg \{([^}]*)\}\n *\}\n")
_RULE = re.compile(r" *([^{}\n]+?) \{ ([^}]*) \}")
_USED = re.compile(r"var\(--([\w-]+)\)")


def plain(style: str) -> str:
    """Return a style without variables; it begins with the light and the dark colours.

    :raises ValueError: it does not.
    """
    themes = _THEMES.match(style)
    if themes is None:
        raise ValueError("The style does not begin with its colours.")
    light, dark = (dict(_COLOUR.findall(themes[number])) for number in (1, 3))
    rules = style[themes.end() :]
    lines = [f"    {themes[2]} {{"]
    for selector, declarations in _RULE.findall(rules):
        coloured = [each for each in declarations.split("; ") if _USED.search(each)]
        if coloured:
            lines.append(f"      {selector} {{ {_filled('; '.join(coloured), dark).rstrip(';')}; }}")
    return "\n".join([_filled(rules, light).rstrip(), *lines, "    }"])


def _filled(text: str, colours: dict[str, str]) -> str:
    return _USED.sub(lambda used: colours[used[1]], text)
