"""Items of every kind, by hand and by Hypothesis, with the media they show."""

import struct
import zlib
from decimal import Decimal as D
from hashlib import sha256

from hypothesis import strategies as st

from lms_core.items.checks import check
from lms_core.items.content import (
    Accepted,
    Area,
    Body,
    Cell,
    Cloze,
    Criterion,
    Derived,
    DragOnto,
    Essay,
    Expression,
    Feedback,
    Files,
    Gap,
    Hotspot,
    Item,
    Level,
    Matching,
    Multiple,
    Near,
    Numeric,
    Option,
    Ordering,
    Pair,
    Parameter,
    Picture,
    Region,
    Short,
    Single,
    Spoken,
    Table,
    TrueFalse,
    Unit,
    Variable,
    Words,
    Worth,
    Zone,
)
from lms_core.items.rich import Blank, Formula, Media, Paragraph, Rich, Text, plain, same


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG = png(40, 30)
MAP = Media(sha256(PNG).hexdigest(), "карта.png", "image/png", "карта")
MEDIA = {MAP.sha256: (PNG, "image/png")}


def ru(text: str) -> Words:
    return Words(ru=plain(text))


def alike(text: str) -> Words:
    return same(plain(text), "kk", "ru", "en")


def option(id: str, text: str = "", **more) -> Option:
    return Option(id, ru(text or f"ответ {id}"), **more)


ABC = tuple(option(one) for one in "abc")
ALL = option("d", "все", fixed=True, feedback=ru("почти"))
RUBRIC = (Criterion("c1", ru("Ясность"), (Level("l0", ru("нет"), D(0)), Level("l1", ru("да"), D(2))), True),)
RECT, CIRCLE = Area("rect", (D(1), D(2), D(11), D(12))), Area("circle", (D(20), D(20), D(5)))
POLYGON = Area("polygon", tuple(map(D, (1, 1, 9, 1, 5, 8))))
PICTURE = Picture(MAP, 40, 30, ru("карта мира"))
BLANKS = Words(ru=Rich((Paragraph((Text("Дважды два "), Blank("g1"), Text(", а столица "), Blank("g2"), Text("."))),)))

BODIES: list[Body] = [
    Single(ABC, ("b",)),
    Single((*ABC, ALL), ("b",), (Worth("c", D("0.5")), Worth("a", D("-0.25")))),
    Multiple(ABC, ("a", "c")),
    Multiple(ABC, ("a", "c"), (Worth("a", D("0.5")), Worth("b", D(-1)), Worth("c", D("0.5"))), 1, 2),
    TrueFalse(True),
    TrueFalse(False, ru("да"), ru("нет")),
    Short((Accepted("Абай"), Accepted("аб*й", D("0.5"), True, ru("почти"))), fold_case=False),
    Numeric((Near("9.81", "0.05", feedback=ru("g")), Near("10", "0", True, D("0.5")))),
    Numeric((Near("3", "0.1"),), (Unit("m"), Unit("cm", "0.01")), D("0.5")),
    Matching(ABC, (option("x"), option("y"), option("z")), (Pair("a", "x"), Pair("b", "y"), Pair("c", "x"))),
    Matching(ABC, (option("x"), option("y")), (Pair("a", "x"), Pair("a", "y")), 2, False),
    Ordering(ABC),
    Hotspot(PICTURE, (Region("r1", RECT), Region("r2", CIRCLE, False, ru("нет")), Region("r3", POLYGON)), 2),
    DragOnto(PICTURE, ABC, (Zone("z1", RECT, ru("север")), Zone("z2", POLYGON)), (Pair("a", "z1"), Pair("c", "z2"))),
    Essay(),
    Essay(RUBRIC, 50, 300, ru("образец")),
    Files(("pdf", "docx"), 5_000_000, 2, RUBRIC),
    Spoken(90, RUBRIC, ru("как сказать")),
    Spoken(rubric=RUBRIC, live=True),
    Expression("2*x^2", (Variable("x", D(1), D(3)),)),
    Table(
        ((Cell(ru("а"), head=True), Cell(ru("б"))), (Cell(gap="g1"), Cell(gap="g2"))),
        (Gap("g1", Short((Accepted("1"),))), Gap("g2", Numeric((Near("2"),)))),
    ),
    Cloze((Gap("g1", Numeric((Near("4", "0"),)), 2), Gap("g2", Single(ABC, ("c",))))),
    Cloze((Gap("g1", Short((Accepted("4*", D(1), True), Accepted("5*")))), Gap("g2", Short((Accepted("А"),), False)))),
]  # fmt: skip


def asked(body: Body) -> Words:
    return BLANKS if isinstance(body, Cloze) else ru('Вопрос <b> & "?"?>--]]>')


EVERY = [Item(asked(body), body, name=f"Q{at} {body.kind}") for at, body in enumerate(BODIES)]
RICH = Item(
    Words(
        kk=plain("Қанша?"),
        ru=Rich((Paragraph((Text("Сколько ", ("bold",)), Formula("x^2"), MAP)), Paragraph((Text("ещё"),), 1))),
        en=plain("How many {{a}}?"),
    ),
    Single(tuple(Option(one, alike(one)) for one in "abc"), ("a",)),
    D("2.50"),
    "Всё сразу",
    "all_or_nothing",
    D("0.25"),
    False,
    "maths",
    ("m.1", "m.2"),
    4,
    ("тег ] \\ один", "два"),
    Feedback(alike("всем"), alike("верно"), alike("отчасти"), alike("нет")),
    (Parameter("a", D(1), D(9), D(2)), Parameter("b", choices=(D("0.5"), D(7)))),
    (Derived("c", "a*b", 2),),
)

_letters = st.text("аӘЖқz09 ~=#{}:\\/*%<>&\"'$_-.?!|\n\t;,]", min_size=1, max_size=14)
_texts = _letters.map(plain).filter(bool)
words = st.builds(Words, ru=_texts)
said = st.one_of(st.just(Words()), words)
_shares = st.sampled_from([D("0.5"), D("0.25"), D(-1), D("0.3333333")])


def _choices(worded):
    return st.integers(2, 5).flatmap(
        lambda count: st.tuples(
            st.lists(st.tuples(worded, said, st.booleans()), min_size=count, max_size=count).map(
                lambda made: tuple(Option("abcde"[at], *one) for at, one in enumerate(made))
            ),
            st.sets(st.integers(0, count - 1), min_size=1),
            st.lists(_shares, max_size=count),
        )
    )


def _single(made) -> Single:
    options, right, _ = made
    return Single(options, (options[min(right)].id,))


def _multiple(made) -> Multiple:
    options, right, shares = made
    chosen = tuple(options[at].id for at in sorted(right))
    return Multiple(options, chosen, tuple(Worth(one.id, share) for one, share in zip(options, shares, strict=False)))


_short = st.builds(
    Short,
    st.lists(st.builds(Accepted, _letters.map(str.strip).filter(bool), feedback=said), min_size=1, max_size=3).map(
        tuple
    ),
)
_numbers = st.decimals(-1000, 1000, places=2).map(str)
_numeric = st.builds(
    Numeric, st.lists(st.builds(Near, _numbers, st.just("0.5"), feedback=said), min_size=1, max_size=3).map(tuple)
)
bodies = st.one_of(
    _choices(words).map(_single),
    _choices(words).map(_multiple),
    st.builds(TrueFalse, st.booleans(), said, said),
    _short,
    _numeric,
    _choices(words).map(lambda made: Ordering(made[0])),
    _choices(words).map(lambda made: Matching(made[0], made[0], tuple(Pair(one.id, made[0][0].id) for one in made[0]))),
    st.builds(Essay, sample=said),
    st.sampled_from(BODIES).filter(lambda body: not isinstance(body, Cloze)),
)
items = st.builds(
    Item,
    words,
    bodies,
    points=st.sampled_from([D(1), D("2.50"), D(10)]),
    name=st.text("aЖ:\\ {}~", max_size=8),
    shuffle=st.booleans(),
    tags=st.lists(st.text("aЖ]\\", min_size=1, max_size=5), unique=True, max_size=2).map(tuple),
    feedback=st.builds(Feedback, said, said, said, said),
).filter(lambda item: not check(item))
