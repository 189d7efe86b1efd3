"""The import contracts in pyproject.toml leave no feature out. `lint-imports` checks the contracts themselves."""

import ast
import importlib.metadata
import re
import sys
import tomllib

from tests.house.tree import ROOT, features, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
OURS = set(PROJECT["tool"]["importlinter"]["root_packages"])
ANYBODY = {"alembic", "argon2", "cryptography", "ifaddr", "joserfc", "sqlalchemy", "structlog", "taskiq", "uvloop"}
UNSEEN = {"opentelemetry-sdk", "psycopg", "tzdata"}  # loaded by their neighbours, or only read


def test_every_feature_keeps_its_tables_and_rules_to_itself() -> None:
    protected = {module: c for c in CONTRACTS if c["type"] == "protected" for module in c["protected_modules"]}
    open_ = []
    for feature in features():
        package = ".".join(feature.parts)
        for part in ("model", "core"):
            contract = protected.get(f"{package}.{part}")
            there = (ROOT / feature / f"{part}.py").exists()
            if there and (contract is None or contract["allowed_importers"] != [package]):
                open_.append(f"{package}.{part}")
    assert open_ == []


def test_every_contract_says_why() -> None:
    assert [c["name"] for c in CONTRACTS if len(c.get("broken_contract_guidance", "")) < 30] == []


def test_every_package_from_outside_is_declared_and_every_declared_one_is_used() -> None:
    declared = {re.match(r"[\w.-]+", d)[0].lower() for d in PROJECT["project"]["dependencies"]}  # type: ignore[index]
    distributions = importlib.metadata.packages_distributions()
    used = {distributions[name][0].lower().replace("_", "-") for name in _imported()}
    assert (used - declared, declared - used - UNSEEN) == (set(), set())


def test_every_package_from_outside_has_its_place() -> None:
    """Either a contract says who may import it, or it is one of those that anybody may."""
    kept = {module for c in CONTRACTS if c["type"] == "protected" for module in c["protected_modules"]}
    assert _imported() - kept - ANYBODY == set()


def _imported() -> set[str]:
    """The first names of what is imported from outside the house and the standard library."""
    found: set[str] = set()
    for package in OURS:
        for file in files(".py", below=package):
            for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - OURS
