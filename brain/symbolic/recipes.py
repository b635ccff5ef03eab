"""What is made rather than fetched: coffee, toast, salad and the like, as wants about their parts."""

from __future__ import annotations

from collections.abc import Callable

from fleetmind.brain.symbolic.knowledge import SLICES
from fleetmind.brain.symbolic.meaning import Method, Place, Quantity, Ref, State

NewRef = Callable[[str, tuple[str, ...], Quantity, int], Ref]
Part = tuple[Ref, State | None, Method, Place | None]
"""A thing, a state it is to have, how, and where it is to be."""


def parts_of(product: str, new: NewRef, made_of: list[Ref], number: int, at: Place | None) -> list[Part]:
    """The wants that make a product.

    Args:
        product: one of the lexicon's products.
        new: makes a reference.
        made_of: what the person said it is made of; empty: as is usual.
        number: how many.
        at: where it is to be served; None: nothing was said.
    """
    many: Quantity = "count" if number > 1 else "one"
    if product == "coffee":
        mug = _named(made_of, "Mug") or new("mug", ("Mug",), many, number)
        return [(mug, ("dirty", False), "", None), (mug, ("filled", "coffee"), "", at)]
    if product in ("toast", "plate of toast"):
        slices = new("slice of bread", ("BreadSliced",), many, number)
        plate = at or (_dish(new) if product == "plate of toast" else None)
        return [(slices, ("cooked", True), "toaster", plate)]
    if product == "omelette":
        return [(new("egg", ("EggCracked",), many, number), ("cooked", True), "stove", at)]
    if product == "poached egg":
        return [(new("egg", ("EggCracked",), many, number), ("cooked", True), "boil", at)]
    if product == "breakfast":
        return [*parts_of("coffee", new, [], 1, at), *parts_of("plate of toast", new, [], 1, None)]
    if product == "workspace":
        return _workspace(new, made_of, at)
    if product == "sandwich":
        toast = new("slices of bread", ("BreadSliced",), "count", 2)
        rest = made_of or [new(t.lower(), (t,), "one", 1) for t in ("Lettuce", "Tomato")]
        plate = at or _dish(new)
        return [(toast, ("cooked", True), "toaster", plate), *_sliced(rest, new, plate)]
    plate = at or _dish(new)
    usual = [new("lettuce", ("Lettuce",), "one", 1), new("tomato", ("Tomato",), "one", 1)]
    return _sliced(made_of or usual, new, plate)


def _dish(new: NewRef) -> Place:
    return Place(ref=new("plate", ("Plate", "Bowl"), "one", 1))


def _named(refs: list[Ref], kind: str) -> Ref | None:
    return next((ref for ref in refs if kind in ref.types), None)


def _sliced(parts: list[Ref], new: NewRef, plate: Place) -> list[Part]:
    found: list[Part] = []
    for ref in parts:
        piece = ref
        if ref.types and all(t in SLICES for t in ref.types):
            piece = new(f"slice of {ref.words}", tuple(SLICES[t] for t in ref.types),
                        "count" if ref.quantity == "count" else "one", ref.number)
            piece.whole, piece.demands = ref, list(ref.demands)
        elif ref.quantity in ("plural", "some"):
            ref.quantity = "one"
        cook = next(((state, method) for state, method in piece.demands if state[0] == "cooked"), None)
        if cook is None and piece.types == ("PotatoSliced",):
            cook = (("cooked", True), "")
        found.append((piece, cook[0] if cook else None, cook[1] if cook else "", plate))
    return found


def _workspace(new: NewRef, made_of: list[Ref], at: Place | None) -> list[Part]:
    desk = at or Place(ref=new("desk", ("Desk", "DiningTable"), "the", 1))
    parts = made_of or [new("laptop", ("Laptop",), "one", 1), new("book", ("Book",), "one", 1),
                        new("pen", ("Pen", "Pencil"), "one", 1)]
    found: list[Part] = [(ref, None, "", desk) for ref in parts]
    for ref in parts:
        if "Laptop" in ref.types and not made_of:
            found += [(ref, ("open", True), "", None), (ref, ("on", True), "", None)]
    return found
