"""Papers drawn by a blueprint."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.exams.blueprint import BlueprintUnfit, Candidate, Cell, Paper, Section, Short, draw, shuffled


def bank(*spec: tuple[str, int, int]) -> list[Candidate]:
    """objective, difficulty, how many."""
    return [
        Candidate(f"{objective}{difficulty}-{n}", frozenset({objective}), difficulty)
        for objective, difficulty, count in spec
        for n in range(count)
    ]


MATHS = bank(("sets", 1, 20), ("sets", 3, 20), ("logic", 1, 20), ("logic", 3, 20))
BLUEPRINT = [
    Section("A", (Cell("sets", 1, 5), Cell("logic", 1, 3))),
    Section("B", (Cell("sets", 3, 2, Decimal(3)), Cell("logic", 0, 4, Decimal("1.5")))),
]


@pytest.mark.req("S141-15.6")
def test_a_paper_holds_what_its_blueprint_asks_for() -> None:
    paper = draw(BLUEPRINT, MATHS, "seed")
    assert paper.short == ()
    known = {one.id: one for one in MATHS}
    cells = [(at, cell) for at, s in enumerate(BLUEPRINT) for cell in s.cells for _ in range(cell.count)]
    assert len(paper.places) == len({place.id for place in paper.places}) == 14
    for place, (section, cell) in zip(paper.places, cells, strict=True):
        one = known[place.id]
        assert (place.section, place.points) == (section, cell.points)
        assert cell.objective in one.objectives
        assert cell.difficulty in (0, one.difficulty)


def test_the_same_seed_draws_the_same_paper_from_a_bank_in_any_order_and_another_seed_another() -> None:
    assert draw(BLUEPRINT, MATHS, "1") == draw(BLUEPRINT, MATHS[::-1], "1") == draw(BLUEPRINT, MATHS * 2, "1")
    assert len({draw(BLUEPRINT, MATHS, str(seed)).places for seed in range(30)}) == 30


def test_each_question_is_drawn_about_as_often_as_any_other() -> None:
    cells = [Section("", (Cell("sets", 1, 5),))]
    counts = dict.fromkeys((one.id for one in MATHS if one.id.startswith("sets1")), 0)
    for seed in range(800):
        for place in draw(cells, MATHS, str(seed)).places:
            counts[place.id] += 1
    assert min(counts.values()) > 150
    assert max(counts.values()) < 250


@pytest.mark.req("S141-15.6")
def test_it_says_what_the_bank_cannot_fill() -> None:
    wanted = Cell("logic", 5, 2), Cell("sets", 3, 25)
    paper = draw([Section("A", wanted)], MATHS, "seed")
    assert paper.short == (Short(0, wanted[0], 2, 0), Short(0, wanted[1], 25, 20))
    assert len(paper.places) == 20


@pytest.mark.parametrize("seed", range(20))
def test_a_cell_for_anything_leaves_others_what_only_they_can_use(seed: int) -> None:
    scarce = bank(("sets", 1, 3), ("logic", 2, 3))
    greedy = [Section("A", (Cell("", 0, 3), Cell("sets", 1, 3)))]
    assert draw(greedy, scarce, str(seed)).short == ()


def test_of_one_family_a_paper_holds_one() -> None:
    twins = [Candidate(str(n), frozenset({"x"}), 1, "f" if n < 5 else "") for n in range(7)]
    paper = draw([Section("A", (Cell("x", 1, 7),))], twins, "s")
    assert [one.found for one in paper.short] == [3]
    assert len([place for place in paper.places if int(place.id) < 5]) == 1


@pytest.mark.parametrize("cells", [(), (Cell("x", 1, 0),), (Cell("x", 1, 501),), (Cell("x", 1, 1, Decimal(0)),)])
def test_a_blueprint_that_asks_for_nothing_or_too_much(cells: tuple[Cell, ...]) -> None:
    with pytest.raises(BlueprintUnfit):
        draw([Section("A", cells)], [], "s")


def test_a_paper_of_five_hundred_from_one_crowded_cell() -> None:
    crowd = bank(("x", 1, 400), ("y", 1, 100))
    paper: Paper = draw([Section("A", (Cell("", 0, 400), Cell("y", 1, 100)))], crowd, "s")
    assert paper.short == ()


@given(st.lists(st.integers(), max_size=12), st.text(max_size=5), st.sets(st.integers(0, 11)))
def test_shuffling_keeps_every_thing_and_what_is_pinned_in_its_place(things: list, seed: str, pins: set) -> None:
    found = shuffled(things, seed, "q1", frozenset(pins))
    assert sorted(found) == sorted(things)
    assert all(found[at] == things[at] for at in pins if at < len(things))
    assert found == shuffled(things, seed, "q1", frozenset(pins))


def test_two_questions_are_shuffled_differently() -> None:
    assert len({tuple(shuffled(range(8), "seed", f"q{n}")) for n in range(20)}) == 20
