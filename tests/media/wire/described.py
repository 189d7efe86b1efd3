"""Dependency descriptors as a sender may write them, bit by bit, and what they mean."""

from dataclasses import dataclass, field
from random import Random

SWITCH = 2


class Writer:
    def __init__(self) -> None:
        self.bits: list[int] = []

    def put(self, number: int, count: int) -> None:
        self.bits += [number >> place & 1 for place in reversed(range(count))]

    def put_below(self, number: int, many: int) -> None:
        """`ns(n)`."""
        width = many.bit_length()
        short = (1 << width) - many
        if number < short:
            self.put(number, width - 1)
        else:
            self.put(number + short, width)

    def bytes(self) -> bytes:
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(int("".join(map(str, padded[at : at + 8])), 2) for at in range(0, len(padded), 8))


@dataclass
class Templates:
    """A structure: layers (spatial, temporal) in the order of the specification, decode target indications by row."""

    offset: int
    layers: list[tuple[int, int]]
    dtis: list[list[int]]
    differences: list[list[int]]
    chains: int = 0
    sizes: bool = False
    many: int = field(init=False)

    def __post_init__(self) -> None:
        self.many = len(self.dtis[0])

    def write(self, to: Writer) -> None:
        to.put(self.offset, 6)
        to.put(self.many - 1, 5)
        for (spatial, temporal), (on, upto) in zip(self.layers, self.layers[1:], strict=False):
            to.put(2 if on > spatial else int(upto > temporal), 2)
        to.put(3, 2)
        for row in self.dtis:
            for dti in row:
                to.put(dti, 2)
        for row in self.differences:
            for difference in row:
                to.put(1, 1)
                to.put(difference, 4)
            to.put(0, 1)
        to.put_below(self.chains, self.many + 1)
        if self.chains:
            for number in range(self.many):
                to.put_below(number % self.chains, self.chains)
            to.put(0, 4 * self.chains * len(self.layers))
        to.put(self.sizes, 1)
        if self.sizes:
            to.put(0, 32 * (self.layers[-1][0] + 1))

    def means(self, number: int, dtis: list[int] | None = None) -> tuple[int, bool] | None:
        """The temporal layer and whether more may follow, of the template with this number."""
        place = (number - self.offset) % 64
        if place >= len(self.layers):
            return None
        spatial, temporal = self.layers[place]
        row = dtis or self.dtis[place]
        above = [
            row[target]
            for target in range(self.many)
            for members in [[layer for layer, each in zip(self.layers, self.dtis, strict=True) if each[target]]]
            if max((each[0] for each in members), default=0) == spatial
            and max((each[1] for each in members), default=0) > temporal
        ]
        return temporal, all(dti == SWITCH for dti in above)


def drawn(random: Random) -> Templates:
    layers = [(0, 0)]
    for _ in range(random.randrange(9)):
        spatial, temporal = layers[-1]
        ways = [(spatial, temporal), (spatial, min(temporal + 1, 7)), (min(spatial + 1, 3), 0)]
        layers.append(random.choice(ways if spatial < 3 else ways[:2]))
    many = random.randrange(1, 10)
    dtis = [[random.choice((0, 1, 2, 2, 2, 3)) for _ in range(many)] for _ in layers]
    differences = [[random.randrange(16) for _ in range(random.randrange(3))] for _ in layers]
    return Templates(
        random.randrange(64), layers, dtis, differences, random.randrange(min(many, 4) + 1), random.random() < 0.5
    )


def written(
    number: int, frame: int, templates: Templates | None = None, dtis: list[int] | None = None, *,
    starts: bool = True, active: int = 0,
) -> bytes:  # fmt: skip
    """A whole descriptor. `active` is how many bits tell which decode targets are there, 0 where none do."""
    to = Writer()
    to.put(starts, 1)
    to.put(1, 1)
    to.put(number, 6)
    to.put(frame, 16)
    if templates or dtis or active:
        for flag in (templates is not None, active > 0, dtis is not None, False, False):
            to.put(flag, 1)
        if templates:
            templates.write(to)
        to.put((1 << active) - 1, active)
        for dti in dtis or ():
            to.put(dti, 2)
    return to.bytes()
