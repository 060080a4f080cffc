"""The shape of the house: rules of HOUSE.md that a reader can rely on, because they fail here when they are broken."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for top in ("shared", "services") for path in (ROOT / top).rglob("*.py"))
MAX_LINES, MAX_FUNCTION_LINES = 250, 40
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "manager", "misc"}

CLOCK_AND_CHANCE = re.compile(
    r"\b(datetime\.now|datetime\.utcnow|date\.today|os\.environ|os\.getenv|uuid\.uuid[1-8])\b"
)
MODULE_RANDOM = re.compile(r"\brandom\.(?!Random\b)\w+\(")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def importers_of(*packages: str) -> set[str]:
    return {name_of(path) for path in CODE if any(name.split(".")[0] in packages for name in imports_of(path))}


def test_no_file_is_longer_than_250_lines() -> None:
    assert not [name_of(path) for path in CODE if len(path.read_text("utf-8").splitlines()) > MAX_LINES]


def test_no_function_is_longer_than_40_lines() -> None:
    assert not [
        f"{name_of(path)}: {node.name}"
        for path in CODE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]


def test_the_median_file_is_small() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in CODE if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= 110


def test_time_ids_and_environment_are_read_in_runtime_and_mains_alone() -> None:
    allowed = {
        "shared/runtime/clock.py",
        "shared/runtime/ids.py",
        "services/cli/doctor.py",
        "services/cli/demo/stage.py",
    }
    guilty = {name_of(path) for path in CODE if CLOCK_AND_CHANCE.search(path.read_text("utf-8"))}
    assert guilty <= allowed, guilty - allowed


def test_module_level_randomness_is_used_in_runtime_alone() -> None:
    guilty = {name_of(path) for path in CODE if MODULE_RANDOM.search(path.read_text("utf-8"))}
    assert guilty <= {"shared/runtime/ids.py"}, guilty


def test_only_the_database_commits() -> None:
    guilty = {name_of(path) for path in CODE if re.search(r"\.commit\(", path.read_text("utf-8"))}
    assert guilty == {"shared/runtime/database/engine.py", "shared/runtime/database/sqlite.py"}


def test_only_the_exchange_bearer_and_column_encryption_touch_cryptography() -> None:
    guilty = {
        name
        for name in importers_of("jwt", "cryptography")
        if not name.startswith("shared/exchange/")
        and name not in ("shared/runtime/bearer.py", "shared/runtime/database/encryption.py")
    }
    assert not guilty


def test_only_the_client_makes_http_calls() -> None:
    guilty = importers_of("httpx2", "httpx", "aiohttp", "requests", "urllib3")
    assert guilty == {f"shared/exchange/client/{name}.py" for name in ("broker", "local", "silence")}


def test_the_domain_imports_the_standard_library_alone() -> None:
    outside = {"fastapi", "starlette", "sqlalchemy", "pydantic", "structlog", "jwt", "cryptography", "httpx2", "rich"}
    for path in CODE:
        if "domain" in path.parts:
            foreign = {name.split(".")[0] for name in imports_of(path)} & outside
            assert not foreign, name_of(path)


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [name_of(path) for path in CODE if path.stem in FORBIDDEN_NAMES]


def test_every_package_says_what_it_is() -> None:
    for folder in {path.parent for path in CODE}:
        package = folder / "__init__.py"
        assert package.exists(), name_of(folder)
        assert ast.get_docstring(tree_of(package)), name_of(package)


def test_no_endpoint_is_a_plain_function() -> None:
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
                assert not any(re.match(r"_?\w*router\.|_operations\.", text) for text in decorators), node.name


def test_every_polish_term_of_a_docstring_stands_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8").lower()
    missing: dict[str, str] = {}
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                for term in re.findall(r"(?<![\w*])\*([^\W\d_][\w \n-]*\w)\*(?![\w*])", ast.get_docstring(node) or ""):
                    if " ".join(term.lower().split()) not in glossary:
                        missing[term] = name_of(path)
    assert not missing


def test_no_text_names_a_package_host_or_a_path_of_a_machine() -> None:
    words = ("python" + "hosted", "index" + "-url", "registry" + ".npm", "/home/", "/root/")
    for path in [*CODE, *ROOT.glob("*.lock"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        text = path.read_text("utf-8")
        assert not [word for word in words if word in text], name_of(path)
