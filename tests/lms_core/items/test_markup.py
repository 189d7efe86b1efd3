"""HTML read into formatted text, and written again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.content import ItemUnfit
from lms_core.items.markup import LONGEST, MOST_TAGS, Reading, from_html
from lms_core.items.rich import (
    MARKS,
    Blank,
    Box,
    Entry,
    Formula,
    Grid,
    Listing,
    Media,
    Paragraph,
    Rich,
    Text,
    tidy,
)
from lms_core.items.written import to_html

PICTURE = Media("a" * 64, "map.png", "image/png", "A map")
FILES = {"map.png": PICTURE, "media:" + "a" * 64: PICTURE}

letters = st.text("aЖқ $\\()[]<&>\"'*_\n{}", min_size=1, max_size=12)
texts = st.builds(Text, letters, st.lists(st.sampled_from(MARKS), unique=True, max_size=3).map(tuple))
sources = st.text("x^2{}\\frac$)] <&", min_size=1, max_size=10).map(lambda s: " ".join(s.split())).filter(bool)
inlines = st.one_of(
    texts,
    st.builds(Formula, sources, st.booleans()),
    st.builds(Blank, st.sampled_from(["g1", "g-2"])),
    st.sampled_from([PICTURE, Media("a" * 64, "map.png", "image/png", "<b>", 20, 30)]),
)
pieces = st.lists(inlines, max_size=4).map(tuple)
flat = st.builds(lambda runs: Listing((Entry(runs),), True), pieces)
lists = st.builds(
    lambda runs, inner, ordered: Listing(tuple(Entry(one, inner) for one in runs), ordered),
    st.lists(pieces, min_size=1, max_size=2),
    st.lists(flat, max_size=2).map(tuple),
    st.booleans(),
)
boxes = st.builds(Box, pieces, st.booleans(), st.integers(1, 3), st.integers(1, 3))
grids = st.builds(Grid, st.lists(st.lists(boxes, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2).map(tuple))
blocks = st.one_of(st.builds(Paragraph, pieces, st.sampled_from([0, 1, 2]), st.booleans()), lists, grids)
riches = st.lists(blocks, max_size=3).map(lambda made: tidy(Rich(tuple(made))))


@given(riches)
def test_what_is_written_is_read_again_the_same(rich: Rich) -> None:
    reading = from_html(to_html(rich), FILES.get)
    assert (reading.rich, reading.lost) == (rich, ())


def p(*runs: Text | Formula | Media | Blank) -> Rich:
    return Rich((Paragraph(runs),))


@pytest.mark.parametrize(
    ("html", "rich"),
    [
        ("a  \n b", p(Text("a b"))),
        ("<p> a </p>", p(Text("a"))),
        ("<p>a <b> b</b></p>", p(Text("a "), Text("b", ("bold",)))),
        ("<strong>a</strong><em>b</em>", p(Text("a", ("bold",)), Text("b", ("italic",)))),
        ("a<br>b", p(Text("a\nb"))),
        ("x<sup>2</sup>", p(Text("x"), Text("2", ("sup",)))),
        ("so $x^2$ it", p(Text("so "), Formula("x^2"), Text(" it"))),
        ("$$x$$", p(Formula("x", True))),
        (r"\(x\) \[y\]", p(Formula("x"), Text(" "), Formula("y", True))),
        ("from $5 to $10", p(Text("from $5 to $10"))),
        (r"\$5$", p(Text("$5$"))),
        ("&lt;script&gt; &amp;amp;", p(Text("<script> &amp;"))),
        ("<code>$x$</code>", p(Text("$x$", ("code",)))),
        ("<math><mi>x</mi><annotation encoding='application/x-tex'>x</annotation></math>", p(Formula("x"))),
        ("<ul><li>a<ol><li>b</ol><li>c</ul>", Rich((
            Listing((Entry((Text("a"),), (Listing((Entry((Text("b"),)),), True),)), Entry((Text("c"),)))),))),
        ("<table><tr><th>a<td colspan=2>b</table>", Rich((
            Grid(((Box((Text("a"),), True), Box((Text("b"),), columns=2)),)),))),
        ("<img src=map.png>", p(PICTURE)),
        ("<pre> a\n  b</pre>", Rich((Paragraph((Text(" a\n  b"),), code=True),))),
        ("<h2>a</h2>b", Rich((Paragraph((Text("a"),), 1), Paragraph((Text("b"),))))),
        ("", Rich()),
        ("<p></p><div> </div>", Rich()),
    ],
)  # fmt: skip
def test_what_others_write_is_read_as_a_browser_shows_it(html: str, rich: Rich) -> None:
    assert from_html(html, FILES.get) == Reading(rich)


@pytest.mark.parametrize(
    ("html", "text", "lost"),
    [
        ("a<script>alert(1)</script>b", "ab", "<script>"),
        ("a<style>p{}</style>", "a", "<style>"),
        ("<iframe src=x>c</iframe>a", "a", "<iframe>"),
        ("<a href='javascript:x'>a</a>", "a", "link"),
        ("a<img src=gone.png alt=b>", "ab", "picture gone.png"),
        ("<marquee>a</marquee>", "a", "<marquee>"),
        ("a<math><mi>x</mi></math>", "a", "<math>"),
        ("<ul><li>a<table><tr><td>b</table></ul>", "a\nb", "nested table"),
    ],
)
def test_what_has_no_place_is_named_and_never_kept(html: str, text: str, lost: str) -> None:
    reading = from_html(html)
    assert reading.lost == (lost,)
    assert "".join(one.text for block in reading.rich.blocks for one in texts_of(block)) == text


def texts_of(block: object) -> list[Text]:
    runs = block.entries[0].runs if isinstance(block, Listing) else getattr(block, "runs", ())
    return [one for one in runs if isinstance(one, Text)]


TAGS = ["<p>", "</p>", "<ul>", "</ul>", "<li>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<b>", "</b>", "<br>",
        "<pre>", "</pre>", "<img src=map.png>", "<math>", "</math>", "<annotation encoding=tex>", "</annotation>",
        "<svg>", "</svg>", "<!--", "-->", "<![", "<!x", "<?", "$", "\\(", "x", " ", "<span data-source=x>", "</span>",
        "&#0;", "&amp", "<a href=x>", "\ud800", "\0", "<script>", "</script>", "<h1>", "<"]  # fmt: skip


@given(st.lists(st.sampled_from(TAGS), max_size=30).map("".join))
def test_whatever_is_sent_is_read_and_then_stable(html: str) -> None:
    rich = from_html(html, FILES.get).rich
    assert tidy(rich) == rich
    again = from_html(to_html(rich), FILES.get)
    assert (again.rich, again.lost) == (rich, ())


@given(st.text(max_size=60))
def test_any_text_is_read(html: str) -> None:
    assert tidy(from_html(html).rich) == from_html(html).rich


@pytest.mark.parametrize("html", ["a" * (LONGEST + 1), "<b>" * (MOST_TAGS + 1)])
def test_what_is_too_long_is_refused(html: str) -> None:
    with pytest.raises(ItemUnfit):
        from_html(html)


@pytest.mark.parametrize(
    "piece", ["<a", "<a ", "<!", "<![ ", "<", "&#", "&#9", "<!--", "$a", "\\(", "<svg>", "<ul><li>", "<b>x", "<a '\"",
              "<table><tr><td>", "<i>x</b>", "<title>", "<a a=' "],
)  # fmt: skip
def test_what_would_tire_a_reader_is_read_at_once(piece: str) -> None:
    times = min(LONGEST // len(piece), MOST_TAGS // max(piece.count("<"), 1)) - 1
    assert from_html(piece * times + ">").rich == tidy(from_html(piece * times + ">").rich)


@given(st.text("aЖ\u0301q \u00a0\n\t\r\f>\u202e\x07/p\u200b"), st.sampled_from(["{}", "<p>{}</p>", "<p>{}", "{}</p>"]))
def test_one_paragraph_alone_is_read_as_among_others(text: str, html: str) -> None:
    html = html.format(text)
    assert from_html(html) == from_html(f"{html}<wbr>")
