"""QTI 2.1, 2.2 and 3.0 (1EdTech, "Question and Test Interoperability"), read: single files and packages.

The three differ in names only as far as we read them: 3.0's `qti-choice-interaction` is 2.x's `choiceInteraction`, so
every tree is first given the names of 2.x. `qti_out` writes them.
"""

import posixpath
import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote

from lms_core.items.content import Feedback, Item, Rule
from lms_core.items.rich import Media, Words

from . import own, qti_bodies
from .batch import Batch, Note, Outline, Place, Unfit, decimal, language_of
from .packages import Package
from .pictures import type_of
from .qti_parts import Declared, declared, html
from .qti_pen import file
from .xml import Node, parse

_TEMPLATES = {"match_correct", "map_response", "map_response_point", "cc2_match_basic", "cc2_map_response"}
_LOST_OF_TESTS = ("timeLimits", "preCondition", "branchRule", "outcomeProcessing", "testFeedback", "selection")
_LANGUAGES = {"kk", "ru", "en"}


def read_file(data: bytes, name: str, batch: Batch) -> None:
    """One item in a file of its own. Raises Unfit."""
    root, guessed = parse(data)
    if guessed:
        batch.noted.append(Note(name, "encoding_guessed", guessed))
    plain_names(root)
    if root.tag == "manifest" or root.tag.startswith("assessmentT"):
        raise Unfit("file_missing", "package", root.line)
    if root.tag != "assessmentItem":
        raise Unfit("xml_root_unknown", root.tag, root.line)
    _take(root, name, batch, lambda source: None)


def read_package(data: bytes, name: str, batch: Batch) -> None:
    """A zip with a manifest; without one, every item that lies in it. Raises Unfit."""
    package = Package(data)
    manifest = next((one for one in package.names("imsmanifest.xml")), "")
    items, tests = _listed(package, manifest, batch) if manifest else ([], [])
    if not manifest:
        items = [*package.names(".xml")]
    places: dict[str, int] = {}
    for path in items:
        _item_of(package, path, batch, places)
    for path in tests:
        _test_of(package, path, batch, places)


def plain_names(root: Node) -> None:
    """3.0's names as 2.x has them: `qti-choice-interaction` → `choiceInteraction`, `max-choices` → `maxChoices`."""
    for node in (root, *root.all()):
        if node.tag.startswith("qti-"):
            node.tag = _camel(node.tag[4:])
            node.held = {name if name.startswith("data-") else _camel(name): v for name, v in node.held.items()}


def _camel(name: str) -> str:
    first, *more = name.split("-")
    return first + "".join(one.capitalize() for one in more)


def _listed(package: Package, manifest: str, batch: Batch) -> tuple[list[str], list[str]]:
    """Paths of items and tests that a manifest names; what it names of another kind is noted."""
    root, _ = parse(package.read(manifest))
    folder = posixpath.dirname(manifest)
    items, tests = [], []
    for one in root.all("resource"):
        kind, path = one.get("type"), _path(folder, one.get("href"))
        if "imsqti_item" in kind or "imsqti_apipitem" in kind:
            items.append(path)
        elif "imsqti_test" in kind:
            tests.append(path)
        elif not type_of(path) and kind not in ("webcontent", "associatedcontent/learning-application-resource", ""):
            batch.noted.append(Note(f"{manifest}:{one.line} {one.get('identifier')}", "part_of_test_lost", kind))
    return items, tests


def _item_of(package: Package, path: str, batch: Batch, places: dict[str, int]) -> None:
    folder = posixpath.dirname(path)

    def find(source: str) -> Media | None:
        target = _path(folder, source)
        if target not in package.files or not type_of(target):
            return None
        return batch.keep(posixpath.basename(target), package.read(target), type_of(target))

    try:
        root, guessed = parse(package.read(path))
        plain_names(root)
        if root.tag != "assessmentItem":
            if not root.tag.startswith(("assessment", "manifest")):
                raise Unfit("xml_root_unknown", root.tag, root.line)
            return
        if guessed:
            batch.noted.append(Note(path, "encoding_guessed", guessed))
        if _take(root, path, batch, find):
            places[path] = len(batch.items) - 1
    except Unfit as no:
        batch.refused.append(Note(f"{path}:{no.line}" if no.line else path, no.why, no.what[:200]))


def _test_of(package: Package, path: str, batch: Batch, places: dict[str, int]) -> None:
    """Its sections and which items they hold; rules of a test are not ours, and noted."""
    try:
        root, _ = parse(package.read(path))
    except Unfit as no:
        batch.refused.append(Note(f"{path}:{no.line}" if no.line else path, no.why, no.what[:200]))
        return
    plain_names(root)
    sections = []
    for section in root.all("assessmentSection"):
        held = []
        for one in section.nodes("assessmentItemRef"):
            target = _path(posixpath.dirname(path), one.get("href"))
            if target in places:
                held.append(places[target])
            else:
                batch.noted.append(Note(f"{path}:{one.line} {one.get('identifier')}", "part_of_test_lost", target))
        sections.append((section.get("title"), held))
    batch.tests.append(Outline(root.get("title"), sections))
    for one in root.all(*_LOST_OF_TESTS):
        batch.noted.append(Note(f"{path}:{one.line}", "part_of_test_lost", one.tag))


def _path(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0].partition("?")[0])))


def _take(root: Node, path: str, batch: Batch, find: Callable[[str], Media | None]) -> bool:
    said = next((one.get("lang") for one in (root, *root.nodes("itemBody")) if one.get("lang")), "")[:2].lower()
    language = said if said in _LANGUAGES else language_of(root.text())
    place = Place(batch, f"{path}:{root.line} {root.get('identifier')[:80]}".strip(), language, find)
    return batch.attempt(place, lambda: _item(root, place))


def _item(root: Node, place: Place) -> Item:
    for one in root.all("img", "object", "audio", "video", "source"):
        place.find(one.get("src") or one.get("data"))
    if mine := own.found(root, place, lambda media: f"../{file(media)}"):
        return mine
    body = root.one("itemBody")
    if body is None:
        raise Unfit("prompt_missing")
    computed = next(root.all("setCorrectResponse"), None) or next(body.all("printedVariable"), None)
    if computed:
        raise Unfit("values_computed", computed.tag)
    answers = {one.get("identifier"): declared(one) for one in root.nodes("responseDeclaration")}
    rule = _rule(root, answers, place)
    prompt, made, most = qti_bodies.made(body, answers, place)
    if not prompt:
        raise Unfit("prompt_missing")
    for one in root.nodes("templateDeclaration", "templateProcessing", "stylesheet", "catalogInfo"):
        place.note("setting_lost", one.tag)
    return Item(
        prompt,
        made,
        points=_points(root, most),
        name=place.name(root.get("title")),
        rule=rule if made.kind in ("multiple", "matching", "ordering", "cloze", "hotspot", "drag_onto") else "",
        shuffle=any(one.get("shuffle") == "true" for one in body.all()) or made.kind in ("essay", "short", "numeric"),
        feedback=_feedback(root, place),
    )


def _rule(root: Node, answers: dict[str, Declared], place: Place) -> Rule:
    """How answers make points: by a template we know, else as the declarations say, and noted."""
    found = root.one("responseProcessing")
    if found is None:
        return ""
    template = re.sub(r"\.xml$", "", found.get("template").rpartition("/")[2].lower())
    if template in ("match_correct", "cc2_match_basic"):
        for one in answers.values():
            one.mapped.clear()
        return "all_or_nothing"
    if template in _TEMPLATES:
        return ""
    inner = {one.tag for one in found.all()}
    if template or not inner <= _SIMPLE:
        place.note("scoring_replaced", template or " ".join(sorted(inner - _SIMPLE)))
    return "" if {"mapResponse", "mapResponsePoint"} & inner else "all_or_nothing"


_SIMPLE = {
    *("responseCondition", "responseIf", "responseElse", "responseElseIf", "match", "correct", "variable"),
    *("setOutcomeValue", "baseValue", "mapResponse", "mapResponsePoint", "isNull", "not", "sum"),
}
"""What the templates themselves are written with."""


def _points(root: Node, most: Decimal) -> Decimal:
    """MAXSCORE, else what the mapping gives at most, else 1."""
    for one in root.nodes("outcomeDeclaration"):
        if one.get("identifier") == "MAXSCORE":
            most = decimal(one.said("defaultValue", "value") or "1")
        elif one.get("identifier") == "SCORE" and one.get("normalMaximum") and most == 1:
            most = decimal(one.get("normalMaximum"))
    if most <= 0:
        raise Unfit("points_unfit", str(most))
    return most


def _feedback(root: Node, place: Place) -> Feedback:
    """Of modal feedback only what is said after any answer; what depends on the answer is noted."""
    general = Words()
    for one in root.nodes("modalFeedback"):
        if one.get("showHide", "show") == "show" and one.get("outcomeIdentifier") == "GENERAL":
            general = html(one, place)
        else:
            place.note("feedback_lost", one.get("identifier"))
    return Feedback(general)
