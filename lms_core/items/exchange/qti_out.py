"""QTI 2.1, 2.2 and 3.0, written as a package: a manifest, a file for each item and test, and their media.

Each item holds our own too (`own`): what QTI has no word for is lost to other programs, and not to us.
"""

from collections.abc import Mapping, Sequence
from html import escape

from lms_core.items.content import Item
from lms_core.items.rich import Media

from . import own
from .batch import Note, Outline, Written, number
from .losses import all_media, losses
from .packages import packed
from .qti_asked import asked
from .qti_pen import Pen, file

Held = Mapping[str, tuple[bytes, str]]
_KEEPS = ("media", "markup", "points")
_SPACES = {
    "qti21": "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "qti22": "http://www.imsglobal.org/xsd/imsqti_v2p2",
    "qti30": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
}
_TEMPLATES = {
    "qti21": "http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}",
    "qti22": "http://www.imsglobal.org/question/qti_v2p2/rptemplates/{}",
    "qti30": "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml",
}
_KINDS = {"qti21": "imsqti_{}_xmlv2p1", "qti22": "imsqti_{}_xmlv2p2", "qti30": "imsqti_{}_xmlv3p0"}
_CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write(items: Sequence[Item], media: Held, version: str, tests: Sequence[Outline] = ()) -> Written:
    """A zip. `tests` name items by their place."""
    files, noted, resources = {}, [], []
    used: dict[str, Media] = {}
    for at, item in enumerate(items, 1):
        pen = Pen(version, item)
        path = f"items/{_identifier(at)}.xml"
        files[path] = (_HEAD + own.embed(_item(pen, at), item) + "\n").encode()
        held = all_media(item)
        used |= held
        missing = [("media_missing", one.name) for sha, one in held.items() if sha not in media]
        where = f"{at} {item.name}".strip()
        noted += [Note(where, *one) for one in dict.fromkeys((*pen.lost, *missing, *losses(item, _KEEPS)))]
        resources.append((_identifier(at), "item", path, [file(one) for sha, one in held.items() if sha in media]))
    for at, test in enumerate(tests, 1):
        path = f"tests/t{at}.xml"
        files[path] = (_HEAD + _test(Pen(version, items[0]), test, at) + "\n").encode()
        resources.append((f"t{at}", "test", path, []))
    files |= {file(one): media[sha][0] for sha, one in used.items() if sha in media}
    return Written(packed({"imsmanifest.xml": _manifest(version, resources), **files}), noted)


def _item(pen: Pen, at: int) -> str:
    item = pen.item
    declarations, body, template = asked(pen)
    outcomes = pen.tag("outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    points = pen.tag("defaultValue", pen.tag("value", number(item.points)))
    outcomes += pen.tag("outcomeDeclaration", points, identifier="MAXSCORE", cardinality="single", baseType="float")
    general = ""
    if item.feedback.general:
        outcomes += pen.tag("outcomeDeclaration", identifier="GENERAL", cardinality="single", baseType="identifier")
        said = pen.html(item.feedback.general)
        said = pen.tag("contentBody", said) if pen.version == "qti30" else said
        held = {"outcomeIdentifier": "GENERAL", "identifier": "said", "showHide": "show"}
        general = pen.tag("modalFeedback", said, **held)
    if any((item.feedback.right, item.feedback.partly, item.feedback.wrong)):
        pen.lost.append(("feedback_lost", "right, partly, wrong"))
    processing = ""
    if template:
        processing = pen.tag("responseProcessing", template=_TEMPLATES[pen.version].format(template))
    head = {"identifier": _identifier(at), "title": item.name or _identifier(at), "adaptive": "false"}
    head |= {"timeDependent": "false", "xml:lang": pen.language, "xmlns": _SPACES[pen.version]}
    inner = declarations + outcomes + pen.tag("itemBody", body) + processing + general
    return pen.tag("assessmentItem", inner, **head)


def _test(pen: Pen, test: Outline, at: int) -> str:
    sections = ""
    for n, (name, held) in enumerate(test.sections, 1):
        refs = "".join(
            pen.tag("assessmentItemRef", identifier=f"r{n}_{m}", href=f"../items/{_identifier(one + 1)}.xml")
            for m, one in enumerate(held, 1)
        )
        sections += pen.tag("assessmentSection", refs, identifier=f"s{n}", title=name or f"s{n}", visible="true")
    modes = {"navigationMode": "nonlinear", "submissionMode": "simultaneous"}
    part = pen.tag("testPart", sections, identifier="p1", **modes)
    return pen.tag("assessmentTest", part, identifier=f"t{at}", title=test.name or f"t{at}", xmlns=_SPACES[pen.version])


def _manifest(version: str, resources: list[tuple[str, str, str, list[str]]]) -> bytes:
    made = []
    for identifier, kind, path, files in resources:
        named = "".join(f'<file href="{escape(one)}"/>' for one in (path, *files))
        head = f'identifier="{identifier}" type="{_KINDS[version].format(kind)}" href="{path}"'
        made.append(f"<resource {head}>{named}</resource>")
    schema = "<schema>QTI Package</schema>" + f"<schemaversion>{version[3]}.{version[4]}</schemaversion>"
    inner = f"<metadata>{schema}</metadata><organizations/><resources>{''.join(made)}</resources>"
    return f'{_HEAD}<manifest xmlns="{_CONTENT}" identifier="sabaq">{inner}</manifest>\n'.encode()


def _identifier(at: int) -> str:
    return f"i{at:05d}"
