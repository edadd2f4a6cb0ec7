"""Fewer combinations that still bring every two values together: most faults need two, hardly any three."""

import itertools


def pairs(*dimensions):
    """Combinations of a value from each dimension (lists of names), so few that any two values of different dimensions
    meet in one. Each next one is that with the most pairs that have not been there, the first of equals."""
    places = range(len(dimensions))
    left = {(i, j, one, other) for i, j in itertools.combinations(places, 2)
            for one in dimensions[i] for other in dimensions[j]}

    def new(combination):
        return {(i, j, combination[i], combination[j]) for i, j in itertools.combinations(places, 2)} & left
    chosen = []
    while left:
        chosen.append(max(itertools.product(*dimensions), key=lambda one: len(new(one))))
        left -= new(chosen[-1])
    return chosen
