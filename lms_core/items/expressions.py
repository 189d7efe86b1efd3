"""Expressions as people write them, plain (`2*x^2`) or in KaTeX (`\\frac{1}{2}x`), read into a tree; nothing is run.

`*` may be left out (`2x`, `(x+1)(x-1)`) and binds as it does where it stands: `1/2x` is half of x. A function without
parentheses takes the letters and numbers that follow: `\\sin 2x` is sin(2x). `log` and `lg` have the base 10, `ln` e.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from lms_core.kernel.errors import Refusal

LONGEST, DEEPEST, MOST_TOKENS, MOST_DIGITS = 500, 30, 300, 20
FUNCTIONS = (
    "sin", "cos", "tan", "cot", "asin", "acos", "atan", "ln", "lg", "log", "exp", "sqrt", "abs", "floor", "ceil",
)  # fmt: skip
CONSTANTS = ("pi", "e")
SYNONYMS = {"tg": "tan", "ctg": "cot", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctg": "atan"}
INVERSE = {"sin": "asin", "cos": "acos", "tan": "atan"}
_SIGNS = str.maketrans("·×∙⋅÷−–√π", "****/--√π")
_POWERS = {"⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9", "⁻": "-"}
_COMMANDS = {
    "cdot": "*", "times": "*", "div": "/", "ast": "*", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|",
    "dfrac": "frac", "tfrac": "frac", "left": "", "right": "", "quad": "", "displaystyle": "", "mathrm": "",
    "operatorname": "", "lbrace": "(", "rbrace": ")", "big": "", "bigl": "", "bigr": "",
}  # fmt: skip
_TOKEN = re.compile(
    r"\s+|\\[,;:! ]|(?P<number>[0-9]+(?:(?:[.,]|\{,\})[0-9]+)?|\.[0-9]+)|\\(?P<command>[a-zA-Z]+)"
    r"|(?P<word>[a-zA-Zа-яА-ЯёЁәғқңөұүһіӘҒҚҢӨҰҮҺІα-ωΑ-Ω]+)|(?P<power>[⁻⁰¹²³⁴-⁹]+)|(?P<sign>[-+*/^_(){}\[\]|√])"
)


class ExpressionUnfit(Refusal):
    """`why`: `long`, `deep`, `sign` (what has no meaning), `name` (an unknown `name`), `end` (something is missing),
    `value` (no number comes out: divided by zero, too large)."""

    code, status = "expression_unfit", 422


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Op:
    """`sign` is one of `+ - * / ^`."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    of: "Node"


Node = Number | Name | Op | Call


def parse(text: str, names: Collection[str] = ()) -> Node:
    """`names` are the letters that may occur, beside `pi` and `e`. Raises ExpressionUnfit."""
    if len(text) > LONGEST:
        raise ExpressionUnfit(why="long")
    parser = _Parser(_tokens(text, {*names}), {*names})
    made = parser.sum(0)
    if parser.next():
        raise ExpressionUnfit(why="sign", sign=parser.next()[:20])
    return made


def names_in(node: Node) -> set[str]:
    match node:
        case Number():
            return set()
        case Name():
            return {node.name}
        case Op():
            return names_in(node.left) | names_in(node.right)
        case Call():
            return names_in(node.of)


def _tokens(text: str, names: set[str]) -> list[str]:
    """Signs as they are, numbers, `\\name` for a name, `\\frac`, `\\sqrt` and functions likewise."""
    text, at, made = text.translate(_SIGNS), 0, []
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ExpressionUnfit(why="sign", sign=text[at])
        at = found.end()
        if found["number"]:
            made.append(found["number"].replace("{,}", ".").replace(",", "."))
        elif found["command"]:
            name = _COMMANDS.get(found["command"], found["command"])
            made += [name] if len(name) == 1 and not name.isalpha() else ["\\" + name] if name else []
        elif found["word"]:
            made += [f"\\{one}" for one in _split(found["word"], names)]
        elif found["power"]:
            made += ["^", "{", *"".join(_POWERS[one] for one in found["power"]), "}"]
        elif found["sign"]:
            made.append("\\sqrt" if found["sign"] == "√" else found["sign"])
        if len(made) > MOST_TOKENS:
            raise ExpressionUnfit(why="long")
    return made


def _split(word: str, names: set[str]) -> list[str]:
    """Letters that stand together: the longest known name first, else letter by letter."""
    known = sorted({*names, *FUNCTIONS, *SYNONYMS, *CONSTANTS}, key=len, reverse=True)
    made = []
    while word:
        first = next((one for one in known if word.startswith(one)), word[0])
        made.append("pi" if first == "π" else first)
        word = word[len(first) :]
    return made


class _Parser:
    def __init__(self, tokens: list[str], names: set[str]) -> None:
        self.tokens, self.names, self.at = tokens, names, 0

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *signs: str) -> str:
        """The next token where it is one of these."""
        if (token := self.next()) and token in signs:
            self.at += 1
            return token
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise ExpressionUnfit(why="end" if not self.next() else "sign", sign=self.next()[:20])

    def sum(self, depth: int, closing: str = "") -> Node:
        if depth > DEEPEST:
            raise ExpressionUnfit(why="deep")
        made = self.product(depth, closing)
        while sign := self.take("+", "-"):
            made = Op(sign, made, self.product(depth, closing))
        return made

    def product(self, depth: int, closing: str) -> Node:
        made = self.signed(depth)
        while True:
            if sign := self.take("*", "/"):
                made = Op(sign, made, self.signed(depth))
            elif self.starts(closing):
                made = Op("*", made, self.power(depth))
            else:
                return made

    def starts(self, closing: str = "") -> bool:
        """Whether a factor begins here, without a sign before it."""
        sign = self.next()
        return bool(sign) and (sign[0].isdigit() or sign[0] in "\\.({" or (sign == "|" != closing))

    def signed(self, depth: int) -> Node:
        minus = 0
        while sign := self.take("+", "-"):
            minus += sign == "-"
        made = self.power(depth)
        return Op("*", Number(Fraction(-1)), made) if minus % 2 else made

    def power(self, depth: int) -> Node:
        base = self.atom(depth)
        return Op("^", base, self.exponent(depth + 1)) if self.take("^") else base

    def exponent(self, depth: int) -> Node:
        """Powers bind to the right: x^y^z is x^(y^z)."""
        if depth > DEEPEST:
            raise ExpressionUnfit(why="deep")
        minus = self.take("-")
        made = self.atom(depth)
        if self.take("^"):
            made = Op("^", made, self.exponent(depth + 1))
        return Op("*", Number(Fraction(-1)), made) if minus else made

    def atom(self, depth: int) -> Node:
        sign = self.next()
        if not sign or depth > DEEPEST:
            raise ExpressionUnfit(why="deep" if sign else "end")
        self.at += 1
        if sign[0].isdigit() or sign[0] == ".":
            if len(sign) > MOST_DIGITS:
                raise ExpressionUnfit(why="long")
            return Number(Fraction(sign))
        if closing := {"(": ")", "{": "}", "|": "|"}.get(sign):
            inner = self.sum(depth + 1, closing)
            self.need(closing)
            return Call("abs", inner) if closing == "|" else inner
        if sign[0] != "\\":
            raise ExpressionUnfit(why="sign", sign=sign)
        return self.named(sign[1:], depth + 1)

    def part(self, depth: int) -> Node:
        """Of a fraction: `\\frac12` is one half."""
        sign = self.next()
        if len(sign) > 1 and sign.isdigit():
            self.tokens[self.at] = sign[1:]
            return Number(Fraction(sign[0]))
        return self.atom(depth)

    def named(self, name: str, depth: int) -> Node:
        if name == "frac":
            return Op("/", self.part(depth), self.part(depth))
        if name == "sqrt":
            return self.root(depth)
        index = self.index() if self.next() == "_" and name not in ("log", *self.names) else ""
        name = SYNONYMS.get(name, name) + index
        if name in self.names or name in CONSTANTS:
            return Name(name)
        if name in FUNCTIONS:
            return self.call(name, depth)
        raise ExpressionUnfit(why="name", name=name[:40])

    def index(self) -> str:
        """`x_1`, `x_{12}`: part of the name."""
        self.need("_")
        braces, made = bool(self.take("{")), "_"
        while (token := self.next()) and token.lstrip("\\").isalnum() and (braces or made == "_"):
            made += token.lstrip("\\")
            self.at += 1
        if braces:
            self.need("}")
        return made

    def root(self, depth: int) -> Node:
        if not self.take("["):
            return Call("sqrt", self.atom(depth))
        degree = self.sum(depth)
        self.need("]")
        return Op("^", self.atom(depth), Op("/", Number(Fraction(1)), degree))

    def call(self, name: str, depth: int) -> Node:
        base = None
        if name == "log" and self.take("_"):
            base = self.atom(depth)
        power = self.exponent(depth) if self.take("^") else None
        if power == Op("*", Number(Fraction(-1)), Number(Fraction(1))) and name in INVERSE:
            name, power = INVERSE[name], None
        of = self.argument(depth)
        made: Node = Op("/", Call("ln", of), Call("ln", base)) if base else Call(name, of)
        return Op("^", made, power) if power else made

    def argument(self, depth: int) -> Node:
        if self.next() in ("(", "{", "|"):
            return self.atom(depth)
        made = self.signed(depth)
        while self.starts() and self.next() not in ("(", "{", "|") and self.next()[1:] not in (*FUNCTIONS, *SYNONYMS):
            made = Op("*", made, self.power(depth))
        return made
