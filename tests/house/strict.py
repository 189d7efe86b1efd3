"""A pytest plugin: nothing is skipped, and the numbers of passed and failed tests are written down.

Loaded by `python3 -m tests`; a bare `pytest` may still skip.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest


class Counter:
    """Every test's and every collector's outcome."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.failed: set[str] = set()
        self.passed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        return _no_skip((yield))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        return _no_skip((yield))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call":
            self.passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        if file := self.file:
            failed = sorted(self.failed)
            numbers = {"passed": len(self.passed - self.failed), "failed": len(failed), "names": failed}
            Path(file).write_text(json.dumps(numbers), "utf-8")


def _no_skip(report: Any) -> Any:
    if report.skipped:  # an expected failure counts as skipped too
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be: {report.longrepr}"
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--counts", metavar="FILE", help="write how many tests passed and failed")


def pytest_configure(config: pytest.Config) -> None:
    file = None if hasattr(config, "workerinput") else config.getoption("counts")  # a worker tells who counts
    config.pluginmanager.register(Counter(file), "sabaq-counter")
