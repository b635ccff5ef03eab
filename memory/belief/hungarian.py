"""The cheapest one-to-one assignment: the Hungarian method by shortest augmenting paths, O(n^2 m).

After R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
problems", Computing 38 (1987), without their initialisation: our problems are small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def cheapest(costs: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row so that the sum of the costs is smallest; each column is used at most once.

    Args:
        costs: finite, a row per item, with at least as many columns as rows.
    """
    import numpy as np  # here, not above: `import fleetmind.memory` must stay cheap on a robot

    table = np.asarray(costs, dtype=np.float64)
    if table.size == 0:
        return []
    rows, columns = table.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns + 1)
    owner = np.full(columns + 1, -1)  # row that has the column; the last column is where a path starts
    for row in range(rows):
        owner[columns], at = row, columns
        distance, came_from = np.full(columns, math.inf), np.full(columns, columns)
        closed = np.zeros(columns + 1, dtype=bool)
        while owner[at] >= 0:
            closed[at] = True
            here = owner[at]
            step = table[here] - row_price[here] - column_price[:columns]
            shorter = ~closed[:columns] & (step < distance)
            distance[shorter], came_from[shorter] = step[shorter], at
            nearest = int(np.argmin(np.where(closed[:columns], math.inf, distance)))
            delta = distance[nearest]
            row_price[owner[closed]] += delta
            column_price[closed] -= delta
            distance[~closed[:columns]] -= delta
            at = nearest
        while at != columns:
            owner[at] = owner[came_from[at]]
            at = int(came_from[at])
    found = [-1] * rows
    for column, row in enumerate(owner[:columns]):
        if row >= 0:
            found[row] = column
    return found
