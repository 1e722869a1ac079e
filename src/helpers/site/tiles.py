"""Where each province stands on the tile map: equal tiles, roughly as on a map of the country.

The map is drawn here by hand, a line per row of tiles from the north; a tile is a province's code.
"""

ROWS = """
12 10 02 04 .. .. .. ..
11 15 08 06 20 .. .. ..
14 25 26 19 24 22 .. ..
.. 17 01 27 30 31 .. ..
.. .. 35 33 34 .. .. ..
.. 38 37 36 .. .. .. ..
.. 40 .. .. .. .. .. ..
.. .. 42 .. .. .. .. ..
.. .. .. 44 .. .. .. ..
.. .. .. .. 45 .. .. ..
.. .. .. .. .. 46 .. ..
.. .. .. .. .. 49 48 HS
.. .. .. .. .. 62 51 ..
.. .. .. .. .. 64 52 ..
.. .. .. .. .. 66 54 ..
.. .. .. 70 67 68 56 ..
.. .. 72 74 75 60 58 ..
89 87 80 79 77 .. .. TS
91 92 86 82 .. .. .. ..
.. 93 84 83 .. .. .. ..
96 95 94 .. .. .. .. ..
"""
# Districts of a province that lie far out at sea, and are part of every map of the country.
ARCHIPELAGOS = {"HS": ("Hoàng Sa", "48"), "TS": ("Trường Sa", "56")}


def places() -> dict[str, tuple[int, int]]:
    """Give the row and the column of each tile, from 1, by code, row by row from the north."""
    return {
        code: (row, column)
        for row, line in enumerate(ROWS.split("\n")[1:-1], 1)
        for column, code in enumerate(line.split(), 1)
        if code != ".."
    }
