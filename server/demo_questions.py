"""Questions of the demo school: one of each kind and a few more, in Kazakh, Russian and English."""

import struct
import zlib
from decimal import Decimal
from functools import cache
from hashlib import sha256

from lms_core.items.content import (
    Accepted,
    Area,
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
    Zone,
)
from lms_core.items.rich import Blank, Formula, Inline, Media, Paragraph, Rich, Text, Words, plain

OBJECTIVES = {
    "10.1": ("Теңдеулер мен теңсіздіктер", "Уравнения и неравенства", "Equations and inequalities"),
    "10.2": ("Функциялар мен графиктер", "Функции и графики", "Functions and graphs"),
    "10.3": ("Геометрия", "Геометрия", "Geometry"),
}
SIDE = 400


def words(kk: str, ru: str, en: str) -> Words:
    """What stands between dollars is a formula."""
    return Words(*(Rich((Paragraph(_runs(one)),)) for one in (kk, ru, en)))


def same(text: str) -> Words:
    return Words(*(Rich((Paragraph(_runs(text)),)) for _ in range(3)))


@cache
def picture() -> bytes:
    """A plane with its two axes, as PNG in shades of grey."""
    middle, bare = SIDE // 2, bytearray(b"\xff") * SIDE
    bare[::40] = b"\xd7" * len(bare[::40])
    rows = [bytearray(b"\xd7") * SIDE if y % 40 == 0 else bytearray(bare) for y in range(SIDE)]
    for at in range(SIDE):
        for width in range(-1, 2) if at < SIDE - 20 else range(-((SIDE - at) // 2), (SIDE - at) // 2 + 1):
            rows[middle + width][at] = rows[SIDE - 1 - at][middle + width] = 40
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


_QUARTERS = {
    "first": (210, 10, 390, 190),
    "second": (10, 10, 190, 190),
    "third": (10, 210, 190, 390),
    "fourth": (210, 210, 390, 390),
}
_CORNERS = {
    "first": ("Оң жақ жоғарғы бөлік", "Правая верхняя часть", "Upper right part"),
    "second": ("Сол жақ жоғарғы бөлік", "Левая верхняя часть", "Upper left part"),
    "third": ("Сол жақ төменгі бөлік", "Левая нижняя часть", "Lower left part"),
    "fourth": ("Оң жақ төменгі бөлік", "Правая нижняя часть", "Lower right part"),
}


def questions() -> list[Item]:
    """In the order in which the demo exam names them."""
    return [
        _single(), _multiple(), _true_false(), _short(), _numeric(), _matching(), _ordering(), _cloze(), _hotspot(),
        _drag(), _essay(), _file(), _spoken(), _formula(), _table(),
    ]  # fmt: skip


def practice() -> list[Item]:
    """For practice: each learner has other numbers, and tries again."""
    values = tuple(Parameter(name, Decimal(2), Decimal(9)) for name in "ab")
    product = Item(
        words("{{a}} · {{b}} неге тең?", "Чему равно {{a}} · {{b}}?", "What is {{a}} · {{b}}?"),
        Numeric((Near("c"),)),
        subject="mathematics",
        difficulty=1,
        objectives=("10.1",),
        parameters=values,
        derived=(Derived("c", "a*b", 0),),
        feedback=_told("Көбейту кестесін қарап шық.", "Повторите таблицу умножения.", "Look at the times table again."),
    )
    root = Item(
        words(
            "$x + {{a}} = {{c}}$. x неге тең?", "$x + {{a}} = {{c}}$. Чему равен x?", "$x + {{a}} = {{c}}$. What is x?"
        ),
        Numeric((Near("b"),)),
        subject="mathematics",
        difficulty=1,
        objectives=("10.1",),
        parameters=values,
        derived=(Derived("c", "a+b", 0),),
        feedback=_told("Екі жақтан {{a}} шегер.", "Вычтите {{a}} из обеих частей.", "Subtract {{a}} from both sides."),
    )
    return [product, root]


def _single() -> Item:
    right, *wrong = "$x^2 - 9$", "$x^2 + 9$", "$x^2 - 6x + 9$", "$x^2 - 3$"
    options = (Option("right", same(right)), *(Option(f"wrong{n}", same(one)) for n, one in enumerate(wrong)))
    return Item(
        words("$(x - 3)(x + 3)$ неге тең?", "Чему равно $(x - 3)(x + 3)$?", "What is $(x - 3)(x + 3)$?"),
        Single(options, ("right",)),
        subject="mathematics",
        difficulty=1,
        objectives=("10.1",),
        feedback=_told("Бұл — квадраттардың айырымы.", "Это разность квадратов.", "This is a difference of squares."),
    )


def _multiple() -> Item:
    options = tuple(Option(f"n{number}", same(str(number))) for number in (2, 9, 13, 15, 19))
    return Item(
        words("Жай сандарды белгілеңіз.", "Отметьте простые числа.", "Mark the prime numbers."),
        Multiple(options, ("n2", "n13", "n19")),
        Decimal(3),
        subject="mathematics",
        difficulty=2,
        objectives=("10.1",),
    )


def _true_false() -> Item:
    return Item(
        words(
            "$y = x^2$ функциясының графигі y осіне қарағанда симметриялы.",
            "График функции $y = x^2$ симметричен относительно оси y.",
            "The graph of $y = x^2$ is symmetric about the y axis.",
        ),
        TrueFalse(True),
        subject="mathematics",
        difficulty=1,
        objectives=("10.2",),
    )


def _short() -> Item:
    names = ("синус", "sine", "sin")
    return Item(
        words(
            "Тікбұрышты үшбұрышта қарсы жатқан катеттің гипотенузаға қатынасы қалай аталады?",
            "Как называется отношение противолежащего катета к гипотенузе?",
            "What is the ratio of the opposite side to the hypotenuse called?",
        ),
        Short(tuple(Accepted(one) for one in names)),
        subject="mathematics",
        difficulty=2,
        objectives=("10.3",),
    )


def _numeric() -> Item:
    units = (("км/сағ",), ("км/ч",), ("km/h",), ("м/с", "3.6"), ("m/s", "3.6"))
    return Item(
        words(
            "Велосипедші 45 минутта 12 км жүрді. Жылдамдығы қандай? Бірлігімен жазыңыз.",
            "Велосипедист проехал 12 км за 45 минут. Какова его скорость? Укажите единицу.",
            "A cyclist rode 12 km in 45 minutes. What was the speed? Give the unit.",
        ),
        Numeric((Near("16", "0.1"),), tuple(Unit(*one) for one in units)),
        Decimal(2),
        subject="mathematics",
        difficulty=2,
        objectives=("10.1",),
    )


def _matching() -> Item:
    pairs = (
        ("line", words("түзу", "прямая", "a straight line"), "$y = 2x + 1$"),
        ("parabola", words("парабола", "парабола", "a parabola"), "$y = x^2 - 4$"),
        ("hyperbola", words("гипербола", "гипербола", "a hyperbola"), "$y = 3 / x$"),
    )
    return Item(
        words(
            "Функция мен оның графигін сәйкестендіріңіз.",
            "Сопоставьте функцию и её график.",
            "Match each function with its graph.",
        ),
        Matching(
            tuple(Option(name, same(formula)) for name, _, formula in pairs),
            tuple(Option(f"is-{name}", said) for name, said, _ in pairs),
            tuple(Pair(name, f"is-{name}") for name, *_ in pairs),
            reuse=False,
        ),
        Decimal(3),
        subject="mathematics",
        difficulty=2,
        objectives=("10.2",),
    )


def _ordering() -> Item:
    steps = ("$0{,}3$", "$1/3$", "$0{,}4$", "$1/2$")
    return Item(
        words(
            "Сандарды өсу ретімен орналастырыңыз.",
            "Расположите числа по возрастанию.",
            "Put the numbers in ascending order.",
        ),
        Ordering(tuple(Option(f"n{number}", same(one)) for number, one in enumerate(steps))),
        Decimal(2),
        subject="mathematics",
        difficulty=2,
        objectives=("10.1",),
    )


def _cloze() -> Item:
    signs = tuple(Option(name, same(name)) for name in ("9", "10", "11"))
    said = (
        ("Пифагор үшбұрышы: катеттері 6 және 8, гипотенузасы ", "; оның ауданы "),
        ("Прямоугольный треугольник с катетами 6 и 8: гипотенуза ", "; его площадь "),
        ("A right triangle with legs 6 and 8: its hypotenuse is ", "; its area is "),
    )
    prompt = Words(
        *(Rich((Paragraph((Text(one), Blank("side"), Text(other), Blank("area"), Text("."))),)) for one, other in said)
    )
    return Item(
        prompt,
        Cloze((Gap("side", Single(signs, ("10",))), Gap("area", Numeric((Near("24"),))))),
        Decimal(2),
        subject="mathematics",
        difficulty=2,
        objectives=("10.3",),
    )


def _hotspot() -> Item:
    return Item(
        words(
            "$x < 0$ және $y > 0$ болатын ширекті көрсетіңіз.",
            "Укажите четверть, где $x < 0$ и $y > 0$.",
            "Point at the quarter where $x < 0$ and $y > 0$.",
        ),
        Hotspot(_plane(), (Region("second", _area("second")),)),
        subject="mathematics",
        difficulty=1,
        objectives=("10.2",),
    )


def _drag() -> Item:
    labels = {"first": "I", "second": "II", "third": "III", "fourth": "IV"}
    return Item(
        words(
            "Ширектердің нөмірлерін орындарына қойыңыз.",
            "Расставьте номера четвертей.",
            "Put the numbers of the quarters in their places.",
        ),
        DragOnto(
            _plane(),
            tuple(Option(name, same(label)) for name, label in labels.items()),
            tuple(Zone(f"at-{name}", _area(name), words(*_CORNERS[name])) for name in labels),
            tuple(Pair(name, f"at-{name}") for name in labels),
        ),
        Decimal(2),
        subject="mathematics",
        difficulty=2,
        objectives=("10.2",),
    )


def _essay() -> Item:
    return Item(
        words(
            "Квадрат теңдеудің неше түбірі болуы мүмкін? Дискриминант арқылы түсіндіріңіз.",
            "Сколько корней может иметь квадратное уравнение? Объясните с помощью дискриминанта.",
            "How many roots can a quadratic equation have? Explain by its discriminant.",
        ),
        Essay(_rubric(), least_words=20, most_words=300),
        Decimal(5),
        subject="mathematics",
        difficulty=3,
        objectives=("10.1",),
    )


def _file() -> Item:
    return Item(
        words(
            "$y = x^2 - 4x + 3$ графигін қағазға салып, суретін жіберіңіз.",
            "Постройте на бумаге график $y = x^2 - 4x + 3$ и пришлите снимок.",
            "Draw the graph of $y = x^2 - 4x + 3$ on paper and send a photograph.",
        ),
        Files(("jpg", "jpeg", "png", "pdf"), 10_000_000, 2, _rubric()),
        Decimal(5),
        subject="mathematics",
        difficulty=3,
        objectives=("10.2",),
    )


def _spoken() -> Item:
    return Item(
        words(
            "Пифагор теоремасын өз сөзіңізбен айтыңыз.",
            "Скажите своими словами теорему Пифагора.",
            "Say the theorem of Pythagoras in your own words.",
        ),
        Spoken(90, _rubric()),
        Decimal(5),
        subject="mathematics",
        difficulty=2,
        objectives=("10.3",),
    )


def _formula() -> Item:
    return Item(
        words(
            "$x^3 + 2x$ туындысын жазыңыз.", "Запишите производную $x^3 + 2x$.", "Write the derivative of $x^3 + 2x$."
        ),
        Expression("3x^2 + 2", (Variable("x"),)),
        Decimal(2),
        subject="mathematics",
        difficulty=3,
        objectives=("10.2",),
    )


def _table() -> Item:
    gaps = tuple(Gap(f"y{x}", Numeric((Near(str(x * x - 1)),))) for x in (0, 2, 3))
    head = (Cell(same("$x$"), head=True), *(Cell(same(str(x)), head=True) for x in (0, 1, 2, 3)))
    values = (Cell(gap="y0"), Cell(same("0")), Cell(gap="y2"), Cell(gap="y3"))
    return Item(
        words(
            "$y = x^2 - 1$ кестесін толтырыңыз.",
            "Заполните таблицу $y = x^2 - 1$.",
            "Fill in the table of $y = x^2 - 1$.",
        ),
        Table((head, (Cell(same("$y$"), head=True), *values)), gaps),
        Decimal(3),
        subject="mathematics",
        difficulty=2,
        objectives=("10.2",),
    )


def _plane() -> Picture:
    said = words(
        "Координаталық жазықтық: x осі оңға, y осі жоғары бағытталған.",
        "Координатная плоскость: ось x направлена вправо, ось y вверх.",
        "A coordinate plane: the x axis points right, the y axis up.",
    )
    digest = sha256(picture()).hexdigest()
    return Picture(Media(digest, "plane.png", "image/png", "", SIDE, SIDE), SIDE, SIDE, said)


def _rubric() -> tuple[Criterion, ...]:
    def level(name: str, kk: str, ru: str, en: str, points: int) -> Level:
        return Level(name, words(kk, ru, en), Decimal(points))

    idea = (
        level("no", "Жоқ", "Нет", "Missing", 0),
        level("part", "Жартылай", "Частично", "In part", 1),
        level("all", "Толық", "Полностью", "Complete", 3),
    )
    form = (level("no", "Түсініксіз", "Неясно", "Unclear", 0), level("all", "Айқын", "Ясно", "Clear", 2))
    return (
        Criterion("idea", words("Мазмұны", "Содержание", "Content"), idea, shown=True),
        Criterion("form", words("Баяндауы", "Изложение", "Presentation"), form, shown=True),
    )


def _told(kk: str, ru: str, en: str) -> Feedback:
    return Feedback(general=Words(plain(kk), plain(ru), plain(en)))


def _area(name: str) -> Area:
    return Area("rect", tuple(Decimal(one) for one in _QUARTERS[name]))


def _runs(text: str) -> tuple[Inline, ...]:
    made: list[Inline] = []
    for number, one in enumerate(text.split("$")):
        if one:
            made.append(Formula(one) if number % 2 else Text(one))
    return tuple(made)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
