"""What is wrong with a question: everything that is found, each with its place, so that an author sees it at once.

`why`: `none` (missing), `few`, `many`, `long`, `id` (unfit or empty), `twice`, `unknown` (names what is not there),
`language` (not in each of the prompt's languages), `range`, `file` (unfit media), `parameter`, `key` (no right answer,
or no value), `deep`, `place` (outside the picture, or no area), `rule` (not for this kind).
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from .arithmetic import amount
from .content import (
    Area,
    Cloze,
    Criterion,
    DragOnto,
    Essay,
    Expression,
    Files,
    Gap,
    Hotspot,
    Item,
    Matching,
    Multiple,
    Numeric,
    Option,
    Ordering,
    Picture,
    Short,
    Single,
    Spoken,
    Table,
    TrueFalse,
    Worth,
)
from .drawing import realise
from .expressions import CONSTANTS, FUNCTIONS, ExpressionUnfit, names_in, parse
from .faults import MOST_CELLS, MOST_PIXELS, Fault, in_ids, in_line, in_media, in_number, in_words, texts, told_once
from .formulas import has_value
from .rich import Blank, runs

MOST_OPTIONS, MOST_GAPS, MOST_REGIONS, MOST_CORNERS = 50, 60, 60, 60
MOST_ACCEPTED, MOST_PARAMETERS, MOST_TAGS, MOST_UNITS = 100, 20, 30, 20
MOST_POINTS, MOST_BYTES, MOST_FILES, MOST_SECONDS = 1_000, 2_000_000_000, 20, 3_600
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,20}")
SEEDS = ("1", "2", "3", "5", "8")
"""A parameterised item is tried with these."""


def check(item: Item) -> list[Fault]:
    """Empty for a question that may be asked."""
    faults = [*_head(item), *_body(item), *_drawn(item)]
    return list(dict.fromkeys(faults))


def _head(item: Item) -> Iterator[Fault]:
    if not item.prompt:
        yield Fault("prompt", "none")
    yield from in_words("prompt", item.prompt, item)
    if not 0 <= item.points <= MOST_POINTS:
        yield Fault("points", "range")
    if not 0 <= item.penalty <= 1:
        yield Fault("penalty", "range")
    if item.rule == "neighbours" and not isinstance(item.body, Ordering):
        yield Fault("rule", "rule")
    for name, text in (("name", item.name), ("subject", item.subject), ("family", item.family)):
        yield from in_line(name, text)
    for name, codes in (("objectives", item.objectives), ("tags", item.tags)):
        yield from in_number(name, codes, 0, MOST_TAGS)
        for at, text in enumerate(codes):
            yield from in_line(f"{name}[{at}]", text, needed=True)
    for name in ("general", "right", "partly", "wrong"):
        yield from in_words(f"feedback.{name}", getattr(item.feedback, name), item)
    blanks = [one.id for words in texts(item.prompt) for one in runs(words) if isinstance(one, Blank)]
    if blanks and not isinstance(item.body, Cloze):
        yield Fault("prompt", "unknown")
    yield from _parameters(item)


def _parameters(item: Item) -> Iterator[Fault]:
    named = [*item.parameters, *item.derived]
    yield from in_number("parameters", named, 0, MOST_PARAMETERS)
    yield from told_once("parameters", [one.name for one in named])
    for at, one in enumerate(named):
        if not NAME.fullmatch(one.name) or one.name in (*CONSTANTS, *FUNCTIONS):
            yield Fault(f"parameters[{at}].name", "id")
    for at, one in enumerate(item.parameters):
        if not one.choices and (one.step <= 0 or one.high < one.low):
            yield Fault(f"parameters[{at}]", "range")
        yield from in_number(f"parameters[{at}].choices", one.choices, 0, 1000)
    known = {one.name for one in item.parameters}
    for at, one in enumerate(item.derived):
        if not 0 <= one.digits <= 12:
            yield Fault(f"derived[{at}].digits", "range")
        try:
            unknown = names_in(parse(one.expression, known)) - known - {*CONSTANTS}
        except ExpressionUnfit:
            unknown = {one.expression}
        if unknown:
            yield Fault(f"derived[{at}].expression", "parameter")
        known.add(one.name)


def _drawn(item: Item) -> Iterator[Fault]:
    """Whether keys and derived numbers have values, whatever is drawn."""
    for seed in SEEDS if item.parameters else SEEDS[:1]:
        try:
            made = realise(item, seed)
        except (ExpressionUnfit, ArithmeticError):
            yield Fault("parameters", "parameter")
            return
        body = made.body
        for where, one in _amounts(body):
            try:
                amount(one)
            except ExpressionUnfit:
                yield Fault(where, "key")
        if isinstance(body, Expression):
            try:
                fits = has_value(body.expression, body.variables)
            except ExpressionUnfit:
                fits = False
            if not fits:
                yield Fault("body.expression", "key")


def _amounts(body: object, where: str = "body") -> Iterator[tuple[str, str]]:
    if isinstance(body, Numeric):
        for at, one in enumerate(body.near):
            yield f"{where}.near[{at}].value", one.value
            yield f"{where}.near[{at}].tolerance", one.tolerance
        for at, one in enumerate(body.units):
            yield f"{where}.units[{at}].factor", one.factor
    elif isinstance(body, Cloze | Table):
        for at, gap in enumerate(body.gaps):
            yield from _amounts(gap.body, f"{where}.gaps[{at}].body")


def _body(item: Item) -> Iterator[Fault]:
    body = item.body
    match body:
        case Single() | Multiple() | Short() | Numeric():
            yield from _question("body", body, item)
        case TrueFalse():
            yield from in_words("body.when_true", body.when_true, item)
            yield from in_words("body.when_false", body.when_false, item)
        case Ordering():
            yield from _options("body.options", body.options, item, 2)
        case Matching():
            yield from _options("body.left", body.left, item, 1)
            yield from _options("body.right", body.right, item, 1)
            yield from _pairs(body, [o.id for o in body.left], [o.id for o in body.right], body.most == 1)
        case DragOnto():
            yield from _picture(body.picture, item)
            yield from _options("body.labels", body.labels, item, 1)
            yield from in_ids("body.zones", [one.id for one in body.zones], 1, MOST_REGIONS)
            yield from _pairs(body, [o.id for o in body.labels], [o.id for o in body.zones], not body.reuse)
            for at, one in enumerate(body.zones):
                yield from _area(f"body.zones[{at}].area", one.area, body.picture)
                yield from in_words(f"body.zones[{at}].words", one.words, item)
        case Hotspot():
            yield from _hotspot(body, item)
        case Cloze() | Table():
            yield from _gaps(item, body)
        case Essay() | Files() | Spoken():
            yield from _by_hand(body, item)
        case Expression():
            yield from in_number("body.variables", body.variables, 0, MOST_PARAMETERS)
            yield from told_once("body.variables", [one.name for one in body.variables])
            for at, one in enumerate(body.variables):
                if not NAME.fullmatch(one.name) or one.name in (*CONSTANTS, *FUNCTIONS) or one.low >= one.high:
                    yield Fault(f"body.variables[{at}]", "range")


def _question(where: str, body: Single | Multiple | Short | Numeric, item: Item) -> Iterator[Fault]:
    match body:
        case Single() | Multiple():
            yield from _options(f"{where}.options", body.options, item, 2)
            yield from _key(where, body.options, body.right, body.worth)
            if isinstance(body, Multiple) and not _most_fits(body):
                yield Fault(f"{where}.most", "range")
        case Short():
            yield from in_number(f"{where}.accepted", body.accepted, 1, MOST_ACCEPTED)
            yield from _some_full(f"{where}.accepted", [one.share for one in body.accepted])
            for at, one in enumerate(body.accepted):
                yield from in_line(f"{where}.accepted[{at}].text", one.text, needed=True)
                yield from in_words(f"{where}.accepted[{at}].feedback", one.feedback, item)
        case Numeric():
            yield from in_number(f"{where}.near", body.near, 1, MOST_ACCEPTED)
            yield from _some_full(f"{where}.near", [one.share for one in body.near])
            yield from in_number(f"{where}.units", body.units, 0, MOST_UNITS)
            yield from told_once(f"{where}.units", [one.name for one in body.units])
            for at, one in enumerate(body.units):
                yield from in_line(f"{where}.units[{at}].name", one.name, needed=True)
            if not 0 <= body.unit_share <= 1:
                yield Fault(f"{where}.unit_share", "range")


def _most_fits(body: Multiple) -> bool:
    most = body.most or len(body.options)
    return body.most >= 0 and 0 <= body.least <= most <= len(body.options) and len(body.right) <= most


def _key(where: str, options: Sequence[Option], right: Sequence[str], worth: Sequence[Worth]) -> Iterator[Fault]:
    ids = {one.id for one in options}
    yield from told_once(f"{where}.right", right)
    yield from told_once(f"{where}.worth", [one.id for one in worth])
    if not right:
        yield Fault(f"{where}.right", "key")
    if not set(right) <= ids:
        yield Fault(f"{where}.right", "unknown")
    if not {one.id for one in worth} <= ids:
        yield Fault(f"{where}.worth", "unknown")
    if any(not -1 <= one.share <= 1 for one in worth):
        yield Fault(f"{where}.worth", "range")


def _some_full(where: str, shares: Sequence[Decimal]) -> Iterator[Fault]:
    if any(not 0 <= one <= 1 for one in shares):
        yield Fault(where, "range")
    if shares and 1 not in shares:
        yield Fault(where, "key")


def _pairs(body: Matching | DragOnto, left: list[str], right: list[str], one_each: bool) -> Iterator[Fault]:
    pairs = [(one.left, one.right) for one in body.pairs]
    yield from in_number("body.pairs", pairs, 1, MOST_OPTIONS * MOST_OPTIONS)
    yield from told_once("body.pairs", pairs)
    if not ({a for a, _ in pairs} <= set(left) and {b for _, b in pairs} <= set(right)):
        yield Fault("body.pairs", "unknown")
    if one_each and len({a for a, _ in pairs}) < len(pairs):
        yield Fault("body.pairs", "twice")
    if isinstance(body, Matching):
        if not body.reuse and len({b for _, b in pairs}) < len(pairs):
            yield Fault("body.pairs", "twice")
        most = max((sum(a == one for a, _ in pairs) for one in left), default=0)
        if body.most < 0 or (body.most and most > body.most):
            yield Fault("body.most", "range")


def _hotspot(body: Hotspot, item: Item) -> Iterator[Fault]:
    yield from _picture(body.picture, item)
    yield from in_ids("body.regions", [one.id for one in body.regions], 1, MOST_REGIONS)
    right = sum(one.right for one in body.regions)
    if not right:
        yield Fault("body.regions", "key")
    if body.most < 0 or body.most > MOST_REGIONS or (body.most and body.most < right):
        yield Fault("body.most", "range")
    for at, one in enumerate(body.regions):
        yield from _area(f"body.regions[{at}].area", one.area, body.picture)
        yield from in_words(f"body.regions[{at}].feedback", one.feedback, item)


def _gaps(item: Item, body: Cloze | Table) -> Iterator[Fault]:
    yield from in_ids("body.gaps", [one.id for one in body.gaps], 1, MOST_GAPS)
    for at, gap in enumerate(body.gaps):
        if not 1 <= gap.weight <= 100:
            yield Fault(f"body.gaps[{at}].weight", "range")
        yield from _question(f"body.gaps[{at}].body", gap.body, item)
    if isinstance(body, Cloze):
        for language in item.languages():
            blanks = [one.id for one in runs(item.prompt.of(language)) if isinstance(one, Blank)]
            yield from _places(f"prompt.{language}", blanks, body.gaps)
        return
    cells = [cell for row in body.rows for cell in row]
    yield from in_number("body.rows", cells, 1, MOST_CELLS)
    if len({len(row) for row in body.rows}) > 1:
        yield Fault("body.rows", "few")
    yield from _places("body.rows", [cell.gap for cell in cells if cell.gap], body.gaps)
    for one in cells:
        yield from in_words("body.rows", one.words, item)


def _places(where: str, given: Sequence[str], gaps: Sequence[Gap]) -> Iterator[Fault]:
    """Each gap has one place."""
    yield from told_once(where, given)
    known = {one.id for one in gaps}
    if set(given) - known:
        yield Fault(where, "unknown")
    if known - set(given):
        yield Fault(where, "few")


def _by_hand(body: Essay | Files | Spoken, item: Item) -> Iterator[Fault]:
    yield from _rubric(body.rubric, item)
    yield from in_words("body.sample", body.sample, item)
    match body:
        case Essay():
            most = body.most_words or 100_000
            if not 0 <= body.least_words <= most <= 100_000:
                yield Fault("body.most_words", "range")
        case Files():
            yield from in_number("body.types", body.types, 0, MOST_TAGS)
            if any(not re.fullmatch("[a-z0-9]{1,10}", one) for one in body.types):
                yield Fault("body.types", "id")
            if not (1 <= body.most_bytes <= MOST_BYTES and 1 <= body.most_files <= MOST_FILES):
                yield Fault("body.most_bytes", "range")
        case Spoken():
            if not 1 <= body.most_seconds <= MOST_SECONDS:
                yield Fault("body.most_seconds", "range")


def _rubric(rubric: Sequence[Criterion], item: Item) -> Iterator[Fault]:
    yield from in_ids("body.rubric", [one.id for one in rubric], 0, MOST_OPTIONS)
    for at, one in enumerate(rubric):
        where = f"body.rubric[{at}]"
        yield from in_words(f"{where}.words", one.words, item, needed=True)
        yield from in_ids(f"{where}.levels", [level.id for level in one.levels], 2, MOST_OPTIONS)
        for n, level in enumerate(one.levels):
            yield from in_words(f"{where}.levels[{n}].words", level.words, item)
            if not 0 <= level.points <= MOST_POINTS:
                yield Fault(f"{where}.levels[{n}].points", "range")
    most = sum(max((level.points for level in one.levels), default=Decimal(0)) for one in rubric)
    if rubric and not most:
        yield Fault("body.rubric", "key")


def _options(where: str, options: Sequence[Option], item: Item, least: int) -> Iterator[Fault]:
    yield from in_ids(where, [one.id for one in options], least, MOST_OPTIONS)
    for at, one in enumerate(options):
        yield from in_words(f"{where}[{at}].words", one.words, item, needed=True)
        yield from in_words(f"{where}[{at}].feedback", one.feedback, item)


def _picture(picture: Picture, item: Item) -> Iterator[Fault]:
    yield from in_media("body.picture", picture.media)
    yield from in_words("body.picture.words", picture.words, item)
    if not picture.media.type.startswith("image/"):
        yield Fault("body.picture", "file")
    if not (1 <= picture.width <= MOST_PIXELS and 1 <= picture.height <= MOST_PIXELS):
        yield Fault("body.picture", "range")


def _area(where: str, area: Area, picture: Picture) -> Iterator[Fault]:
    n = area.numbers
    match area.shape:
        case "rect":
            good = len(n) == 4 and 0 <= n[0] < n[2] <= picture.width and 0 <= n[1] < n[3] <= picture.height
        case "circle":
            good = len(n) == 3 and n[2] > 0 and 0 <= n[0] <= picture.width and 0 <= n[1] <= picture.height
        case "polygon":
            pairs = list(zip(n[::2], n[1::2], strict=False))
            within = all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in pairs)
            good = len(n) % 2 == 0 and 3 <= len(pairs) <= MOST_CORNERS and within
    if not good:
        yield Fault(where, "place")
