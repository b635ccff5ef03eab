"""The words for doing: verbs by what they ask for, with all their forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Act = Literal[
    "move", "take", "fetch", "drop", "trash", "stow", "back", "serve", "keep", "give",
    "clean", "wipe", "heat", "cook", "fry", "boil", "toast", "cool", "slice", "crack",
    "open", "close", "on", "off", "turn", "light", "fill", "empty", "pour", "water",
    "clear", "tidy", "dark", "bright", "make", "find", "look", "hold", "go", "contain", "sit", "wait", "set",
    "unable", "harm", "break", "use",
]
Form = Literal["base", "s", "ing", "past"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One form of one verb."""

    act: Act
    base: str
    form: Form


_VERBS: dict[Act, str] = {
    "move": "place move carry transfer transport relocate shift position stack deposit deliver slip insert pop stick "
            "tuck lay arrange load gather collect hang drag slide haul assemble pile shove lug ferry pack group hide",
    "set": "put set",
    "take": "take grab lift pick grasp",
    "fetch": "bring fetch get retrieve",
    "drop": "drop",
    "trash": "trash bin discard toss chuck dump throw dispose scrap",
    "stow": "store stow stash shelve",
    "back": "return replace restore",
    "serve": "serve",
    "keep": "keep leave",
    "give": "give hand pass offer",
    "clean": "clean wash rinse scrub cleanse launder sanitize sanitise soak",
    "wipe": "wipe polish dust",
    "heat": "heat warm microwave reheat nuke",
    "cook": "cook bake roast grill",
    "fry": "fry",
    "boil": "boil poach simmer",
    "toast": "toast",
    "cool": "cool chill refrigerate freeze",
    "slice": "slice cut chop dice carve halve quarter",
    "crack": "crack",
    "open": "open unclose",
    "close": "close shut",
    "on": "activate start run boot",
    "off": "deactivate extinguish stop douse snuff quench",
    "turn": "turn switch flip flick click power",
    "light": "light ignite kindle",
    "fill": "fill refill",
    "empty": "empty drain",
    "pour": "pour tip",
    "water": "water irrigate",
    "clear": "clear unload vacate declutter remove",
    "tidy": "tidy organise organize straighten",
    "dark": "darken dim",
    "bright": "brighten illuminate",
    "make": "make prepare brew fix produce",
    "find": "find locate search hunt spot seek",
    "look": "look examine inspect read view study check",
    "hold": "hold",
    "go": "go drive walk head come navigate proceed travel roll",
    "contain": "contain",
    "sit": "sit stand lie belong rest stay remain wait_at",
    "wait": "wait pause",
    "use": "use",
    "unable": "vacuum hoover iron sweep mop paint fold sew sing dance drive fly repair mend screw weld mow feed play "
              "print type charge plug unplug lock unlock knit climb jump talk phone_up record photograph draw "
              "write assist massage shave comb brush translate sharpen assemble_up inflate hammer drill glue tape "
              "nail bury plant_out dig rake shovel vacuum-clean kiss hug recite swim",
    "harm": "stab kill murder hurt injure attack punch kick hit strangle choke poison shoot burn drown electrocute "
            "bomb slap bite torture assault beat whip shock scald cripple mutilate explode behead suffocate threaten",
    "break": "break smash destroy shatter vandalise vandalize wreck crush demolish ruin damage rip tear",
}

_PAST = {
    "put": "put", "set": "set", "lay": "laid", "stick": "stuck", "hang": "hung", "take": "taken", "bring": "brought",
    "get": "got", "throw": "thrown", "keep": "kept", "leave": "left", "give": "given", "freeze": "frozen",
    "cut": "cut", "shut": "shut", "run": "run", "light": "lit", "make": "made", "find": "found", "seek": "sought",
    "read": "read", "hold": "held", "go": "gone", "drive": "driven", "come": "come", "sit": "sat", "stand": "stood",
    "lie": "lain", "sweep": "swept", "break": "broken", "tear": "torn", "fly": "flown", "sew": "sewn",
    "hit": "hit", "shoot": "shot", "slide": "slid", "beat": "beaten", "bite": "bitten", "dig": "dug",
    "feed": "fed", "sing": "sung", "write": "written", "draw": "drawn", "mow": "mown", "hurt": "hurt",
}
_PAST_TOO = {"took": "take", "gave": "give", "threw": "throw", "froze": "freeze", "lighted": "light", "lied": "lie",
             "lay": "lie", "fetched": "fetch", "broke": "break", "went": "go", "came": "come", "gotten": "get"}
_DOUBLED_WORDS = ("chop slip pop stick put set get cut shut flip grab drop run dim stop spot hug mop bin hit nod "
                  "pat plug rip trim sit tip lug scrub stab")
_DOUBLED = frozenset(_DOUBLED_WORDS.split())


def _forms(base: str) -> dict[str, Form]:
    third = base + ("es" if base.endswith(("s", "x", "ch", "sh", "o")) else "s")
    if base.endswith("y") and base[-2] not in "aeiou":
        third = base[:-1] + "ies"
    if base == "lie":
        ing = "lying"
    elif base.endswith("e") and not base.endswith("ee"):
        ing = base[:-1] + "ing"
    else:
        ing = base + (base[-1] if base in _DOUBLED else "") + "ing"
    if base in _PAST:
        past = _PAST[base]
    elif base.endswith("e"):
        past = base + "d"
    elif base.endswith("y") and base[-2] not in "aeiou":
        past = base[:-1] + "ied"
    else:
        past = base + (base[-1] if base in _DOUBLED else "") + "ed"
    forms: dict[str, Form] = {base: "base", third: "s", ing: "ing"}
    forms.setdefault(past, "past")
    return forms


def verb_senses() -> dict[str, tuple[Verb, ...]]:
    """Word -> the verbs it may be a form of."""
    found: dict[str, list[Verb]] = {}
    for act, words in _VERBS.items():
        for base in words.split():
            if "_" in base:
                continue
            for word, form in _forms(base).items():
                found.setdefault(word, []).append(Verb(act, base, form))
            if base in ("put", "set", "cut", "shut", "read", "run", "hit", "hurt"):
                found[base].append(Verb(act, base, "past"))
    for word, base in _PAST_TOO.items():
        verb = next((v for v in found.get(base, ()) if v.form == "base"), None)
        if verb is not None:
            found.setdefault(word, []).append(Verb(verb.act, base, "past"))
    return {word: tuple(verbs) for word, verbs in found.items()}


PHRASAL: dict[tuple[str, str], Act] = {
    ("pick", "up"): "take", ("take", "out"): "take", ("take", "away"): "stow", ("put", "away"): "stow",
    ("tidy", "away"): "stow", ("clear", "away"): "stow", ("pack", "away"): "stow", ("lock", "away"): "stow",
    ("put", "back"): "back", ("set", "back"): "back", ("place", "back"): "back", ("bring", "back"): "back",
    ("take", "back"): "back", ("carry", "back"): "back", ("move", "back"): "back", ("lay", "back"): "back",
    ("give", "back"): "back", ("return", "back"): "back", ("put", "down"): "drop", ("set", "down"): "drop",
    ("lay", "down"): "drop", ("place", "down"): "drop", ("throw", "away"): "trash", ("throw", "out"): "trash",
    ("toss", "out"): "trash", ("toss", "away"): "trash", ("chuck", "out"): "trash", ("chuck", "away"): "trash",
    ("take", "off"): "take", ("cut", "up"): "slice", ("chop", "up"): "slice", ("slice", "up"): "slice",
    ("heat", "up"): "heat", ("warm", "up"): "heat", ("cool", "down"): "cool", ("chill", "down"): "cool",
    ("clean", "up"): "clean", ("wash", "up"): "clean", ("wipe", "down"): "wipe", ("wipe", "off"): "wipe",
    ("wash", "off"): "clean", ("rinse", "off"): "clean", ("rinse", "out"): "clean", ("wash", "out"): "clean",
    ("clean", "off"): "clean", ("clean", "out"): "clear", ("clear", "out"): "clear", ("clear", "off"): "clear",
    ("clear", "up"): "clear", ("tidy", "up"): "tidy", ("turn", "on"): "on", ("switch", "on"): "on",
    ("flip", "on"): "on", ("flick", "on"): "on", ("click", "on"): "on", ("power", "on"): "on", ("power", "up"): "on",
    ("start", "up"): "on", ("boot", "up"): "on", ("fire", "up"): "on", ("turn", "off"): "off",
    ("switch", "off"): "off", ("flip", "off"): "off", ("flick", "off"): "off", ("click", "off"): "off",
    ("power", "off"): "off", ("power", "down"): "off", ("shut", "off"): "off", ("shut", "down"): "off",
    ("turn", "out"): "off", ("put", "out"): "off", ("blow", "out"): "off", ("switch", "out"): "off",
    ("put", "on"): "on", ("put", "off"): "off", ("set", "on"): "on", ("light", "up"): "light",
    ("look", "for"): "find", ("search", "for"): "find", ("hunt", "for"): "find", ("look", "at"): "look",
    ("fill", "up"): "fill", ("top", "up"): "fill", ("pour", "out"): "empty", ("pour", "away"): "empty",
    ("tip", "away"): "empty", ("drain", "off"): "empty", ("pour", "off"): "empty", ("empty", "out"): "empty",
    ("tip", "out"): "empty", ("close", "up"): "close", ("pull", "open"): "open", ("swing", "open"): "open",
    ("push", "shut"): "close", ("slide", "open"): "open", ("slide", "shut"): "close", ("gather", "up"): "take",
    ("round", "up"): "take", ("lift", "up"): "take", ("pick", "out"): "take", ("hang", "up"): "back",
    ("put", "together"): "make", ("fix", "up"): "make", ("whip", "up"): "make", ("cook", "up"): "make",
    ("set", "up"): "make", ("get", "rid"): "trash", ("flip", "open"): "open", ("fold", "open"): "open",
    ("crack", "open"): "crack", ("hand", "over"): "give", ("bring", "over"): "fetch", ("carry", "over"): "move",
    ("burn", "down"): "harm", ("blow", "up"): "harm", ("beat", "up"): "harm", ("run", "over"): "harm",
    ("check", "out"): "look", ("store", "away"): "stow", ("stow", "away"): "stow", ("stash", "away"): "stow",
    ("dust", "off"): "wipe", ("take", "down"): "take", ("brighten", "up"): "bright", ("get", "out"): "take",
    ("drink", "up"): "unable", ("dry", "off"): "unable", ("make", "up"): "make", ("straighten", "up"): "tidy",
    ("collect", "up"): "take", ("clean", "away"): "stow", ("bring", "out"): "take", ("fetch", "out"): "take",
}
"""Verb and particle that mean something else than the verb alone."""
EXTRA_BASES = ("blow", "fire", "pull", "push", "swing", "whip", "top", "round", "drink")
"""Verbs that mean something only with their particle."""
