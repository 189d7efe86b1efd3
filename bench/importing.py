"""A file of many questions comes into the bank of a running server; and how long others wait for it meanwhile."""

import argparse
import asyncio
import io
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from statistics import median, quantiles

import aiohttp

from bench.server import Server
from bench.table import Table
from server.setup_steps import CannotDo

ROUNDS = 3
ITEMS = 10_000
FIGURE = 20.0  # seconds for ITEMS
EVERY = 0.05


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--items", type=int, default=ITEMS, help="questions in the file (%(default)s)")
    parser.add_argument("--formats", default="gift,moodle,qti", help="those to measure (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    header = ["", "MB", "seconds", f"of {FIGURE:g} s", "items/s", "CPU s", "others p50 ms", "others p99 ms"]
    table = Table(f"{words.items:,} questions imported", header)
    figure = FIGURE * words.items / ITEMS
    with Server("--planes", "1") as server:
        for format in words.formats.split(","):
            name, data = FILES[format](words.items)
            rounds = [asyncio.run(_round(server, name, data, words.items)) for _ in range(words.rounds)]
            took, cpu, p50, p99 = (median(column) for column in zip(*rounds, strict=True))
            row = [f"{len(data) / 1e6:.1f}", f"{took:.1f}", f"{took / figure:.2f}", f"{words.items / took:,.0f}"]
            table.rows.append([format, *row, f"{cpu:.1f}", f"{p50:.0f}", f"{p99:.0f}"])
            table.data.append({"format": format, "seconds": took, "items": words.items})
            print(f"▸ {format}: {took:.1f} s", file=sys.stderr, flush=True)
    table.notes = [
        f"Rounds: {words.rounds}, medians. From the first byte sent to the report, over HTTP, into SQLite, each round",
        "into a new bank. CPU of the process that reads the file. Others: a list of banks, asked for every",
        f"{EVERY * 1000:.0f} ms on one other connection meanwhile.",
    ]
    return table


async def _round(server: Server, name: str, data: bytes, items: int) -> tuple[float, float, float, float]:
    bank = await asyncio.to_thread(server.call, "POST", "/api/banks", {"title": f"Bench {name}"})
    headers = {"Authorization": f"Bearer {server.token}"}
    late: list[float] = []
    patience = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(server.base, headers=headers, timeout=patience) as http:
        asking = asyncio.create_task(_ask(http, late))
        before, began = _children_cpu(server), time.monotonic()
        async with http.post(f"/api/banks/{bank['id']}/import?name={name}", data=io.BytesIO(data)) as answer:
            report = await answer.json()
        took = time.monotonic() - began
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    if report.get("taken") != items or report["refused"]:
        raise CannotDo(f"{name}: {str(report)[:300]}")
    cuts = quantiles(late, n=100) if len(late) > 1 else [0.0] * 99
    return took, _children_cpu(server) - before, cuts[49] * 1000, cuts[98] * 1000


async def _ask(http: aiohttp.ClientSession, late: list[float]) -> None:
    while True:
        began = time.monotonic()
        async with http.get("/api/banks") as answer:
            await answer.read()
        late.append(time.monotonic() - began)
        await asyncio.sleep(EVERY)


def _children_cpu(server: Server) -> float:
    """Seconds of the server's children that have ended (proc_pid_stat(5): cutime, cstime)."""
    with open(f"/proc/{server.pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


# --- Files as other programs write them


def _gift(items: int) -> tuple[str, bytes]:
    def each() -> Iterator[str]:
        for at in range(items):
            yield f"::Q{at}:: {at} + 2 \\= ?\n" + (
                f"{{={at + 2} ~{at + 3} ~{at + 4}#Жоқ ~{at}}}" if at % 2 else f"{{#{at + 2}:0.5}}"
            )

    return "bank.gift.txt", "\n\n".join(each()).encode()


def _moodle(items: int) -> tuple[str, bytes]:
    def each() -> Iterator[str]:
        for at in range(items):
            wrong = "".join(
                f'<answer fraction="0" format="html"><text><![CDATA[<p>{at + n}</p>]]></text><feedback format="html">'
                "<text></text></feedback></answer>"
                for n in (3, 4, 5)
            )
            yield (
                f'<question type="multichoice"><name><text>Q{at}</text></name><questiontext format="html">'
                f"<text><![CDATA[<p>Қанша болады: <strong>{at}</strong> + 2?</p>]]></text></questiontext>"
                '<generalfeedback format="html"><text></text></generalfeedback><defaultgrade>1.0000000</defaultgrade>'
                "<penalty>0.3333333</penalty><hidden>0</hidden><single>true</single>"
                "<shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>"
                f'<answer fraction="100" format="html"><text><![CDATA[<p>{at + 2}</p>]]></text><feedback format="html">'
                f"<text></text></feedback></answer>{wrong}</question>"
            )

    return "bank.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>{"".join(each())}</quiz>'.encode()


_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"


def _qti(items: int) -> tuple[str, bytes]:
    made = io.BytesIO()
    listed = "".join(
        f'<resource identifier="r{at}" type="imsqti_item_xmlv2p1" href="items/q{at}.xml"><file href="items/q{at}.xml"/>'
        "</resource>"
        for at in range(items)
    )
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "imsmanifest.xml",
            '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><organizations/>'
            f"<resources>{listed}</resources></manifest>",
        )
        for at in range(items):
            choices = "".join(f'<simpleChoice identifier="c{n}">{at + n}</simpleChoice>' for n in range(4))
            package.writestr(
                f"items/q{at}.xml",
                f'<assessmentItem xmlns="{_QTI}" identifier="q{at}" title="Q{at}" adaptive="false" '
                'timeDependent="false"><responseDeclaration identifier="RESPONSE" cardinality="single" '
                'baseType="identifier"><correctResponse><value>c2</value></correctResponse></responseDeclaration>'
                '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/><itemBody>'
                f'<p>Қанша болады?</p><choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">'
                f"<prompt>{at} + 2</prompt>{choices}</choiceInteraction></itemBody><responseProcessing template="
                '"http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/></assessmentItem>',
            )
    return "bank.zip", made.getvalue()


FILES = {"gift": _gift, "moodle": _moodle, "qti": _qti}
