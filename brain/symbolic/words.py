"""From text to tokens: function words, adjectives, the longest known phrases, and slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from fleetmind.brain.symbolic import nouns, verbs
from fleetmind.brain.symbolic.meaning import Method, State
from fleetmind.brain.symbolic.verbs import Verb

MAX_TOKENS = 600
_PHRASE_WORDS = 5

Value = tuple[State, Method]

ADJECTIVES: dict[str, Value] = {}
_BY_VALUE: dict[str, Value] = {
    "clean|washed|rinsed|spotless|scrubbed|cleaned|wiped|polished|spick and span|sparkling|shiny|free of dirt":
        (("dirty", False), ""),
    "dirty|filthy|soiled|unwashed|stained|grubby|greasy|grimy|used|unclean|dusty|muddy": (("dirty", True), ""),
    "hot|warm|heated|warmed|steaming|reheated|microwaved|warmed up|heated up|piping hot|toasty":
        (("temperature", "Hot"), ""),
    "cold|cool|chilled|cooled|refrigerated|ice cold|icy|cooled down|frozen": (("temperature", "Cold"), ""),
    "cooked|baked|roasted|grilled|done": (("cooked", True), ""),
    "fried": (("cooked", True), "stove"), "boiled|poached": (("cooked", True), "boil"),
    "toasted": (("cooked", True), "toaster"), "raw|uncooked": (("cooked", False), ""),
    "sliced|cut|chopped|diced|carved|sliced up|chopped up|cut up": (("sliced", True), ""),
    "whole|uncut|unsliced": (("sliced", False), ""),
    "open|opened|ajar|wide open": (("open", True), ""),
    "closed|shut": (("open", False), ""),
    "on|lit|burning|glowing|running|lighted|activated|switched on|turned on|powered on|alight|lit up|shining|going":
        (("on", True), ""),
    "off|unlit|extinguished|deactivated|switched off|turned off|powered off|out": (("on", False), ""),
    "full|filled": (("filled", "water"), ""), "empty|emptied": (("filled", False), ""),
    "broken": (("broken", True), ""), "watered": (("filled", "water"), ""),
    "dark|pitch dark|darkened|gloomy": (("dark", True), ""), "bright|illuminated|well lit": (("dark", False), ""),
}
for _words, _value in _BY_VALUE.items():
    for _word in _words.split("|"):
        ADJECTIVES[_word] = _value
AMBIGUOUS_ADJECTIVES = frozenset({"on", "off", "out"})
"""Adjectives only as predicates; before a noun phrase they are prepositions."""

_PLAIN_WORDS = """
red blue green yellow orange black white brown grey gray pink purple golden silver big small large little tiny huge
tall short long round square old new nice good fresh ripe tasty delicious favourite favorite own other remaining single
wooden plastic metal ceramic steel glass-made leftover spare extra certain various different same simple quick proper
empty-handed own beautiful lovely pretty heavy light-weight lightweight whole-wheat plain normal usual regular ready
tidy neat messy main nearest closest next last first second third top bottom upper lower left right middle electric
entire complete freshly available existing loose individual respective thirsty hungry tired personal kitchen's ordinary
particular sharp blunt simple delicious poor stray unused valuable precious expensive cheap suitable appropriate
relevant romantic cosy cozy comfortable soft hard wet dry ceramic porcelain such fancy decent
"""
PLAIN_ADJECTIVES = frozenset(_PLAIN_WORDS.split())

_FLUFF_WORDS = """
please kindly just also too now right quickly immediately carefully gently slowly simply actually really very so-called
maybe perhaps thanks thank cheers hey hello hi ok okay well alright robot robots team guys folks everyone everybody
today tonight tomorrow soon asap straight directly already still yet again once-more properly nicely neatly safely
completely fully entirely totally only even somewhere anywhere somehow otherwise altogether quick quietly here's
instead as-well sir madam dear friend buddy yes no-problem urgently afterwards-ish both-ways inside-out thoroughly
meanwhile together up-front lots bit ever exactly basically preferably possibly ideally kind fast
hurriedly hurry i we you he she go-ahead anyway though however therefore promptly
"""
_FLUFF = frozenset(_FLUFF_WORDS.split())
_FLUFF_PHRASES = frozenset({
    "thank you", "right away", "right now", "at once", "as well", "for me", "for us", "for dinner", "for lunch",
    "for breakfast", "for later", "for now", "if you can", "if possible", "if you please", "if you would",
    "if you do not mind", "would you mind", "do you mind", "tell me", "show me", "help me",
    "help us", "help me to", "i can not find it", "be so kind as to", "be so kind and", "go ahead and",
    "be a dear and", "do me a favour and", "do me a favor and", "when you have time", "when you are done",
    "when you get a chance", "one by one", "any more", "anymore", "any longer", "one after the other",
    "as soon as possible", "by the way", "of course", "at all", "at the moment", "a bit", "a little", "make sure to",
    "be sure to", "remember to", "do not forget to", "try to", "go and", "come and", "it is time to", "time to",
    "in the house", "your task is to", "your job is to", "the task is to", "i want you to", "i need you to",
    "i would like you to", "we need you to", "we want you to", "we would like you to", "you have to", "you must",
    "you should", "you need to", "you can", "you could", "you may", "can you", "could you", "would you", "will you",
    "can someone", "could someone", "can somebody", "could somebody", "would somebody", "would someone",
    "somebody please", "someone please", "one of you", "all of you", "both of you", "each of you", "let us", "lets",
    "would it be possible to", "is it possible to", "it would be nice to", "it would be great to", "i ask you to",
    "i would appreciate it if you", "it would be great if you", "it would be nice if you", "would it be ok to",
    "can we", "could we", "shall we", "should we", "can i ask you to", "may i ask you to", "might you", "feel free to",
    "the robots should", "the robot should", "robots should", "i would be grateful if you", "i wonder if you could",
    "waiting for me", "ready for me", "on your way", "at the same time", "in the end", "at the end",
    "once again", "each one", "with you", "for the night", "from now on", "to start with", "first of all", "a moment",
    "a minute", "and so on", "etc", "as usual", "like that", "like this", "in order", "of all", "in total",
    "if needed", "if necessary", "where necessary", "as needed", "in turn", "ready to eat", "to go", "for sure",
    "need to be", "i was wondering if you could", "i would like to ask you to", "you guys", "someone", "somebody",
    "anybody", "anyone", "i need to work", "i need to study", "for studying", "for working", "for work",
    "anything else", "for the guests", "in peace", "all right", "sort that out", "sort it out", "take care of that",
    "take care of it", "deal with that",
    "deal with it", "arrange that", "arrange it", "handle that", "of yours", "of mine", "good morning", "good evening",
    "for a while", "for a moment", "for a bit", "with care", "be careful", "without delay", "at last",
})
_DETERMINERS: dict[str, str] = {
    "a": "a", "an": "a", "the": "the", "my": "the", "your": "the", "our": "the", "his": "the", "her": "the",
    "their": "the", "its": "the", "this": "the", "that": "the", "these": "the", "those": "the", "all": "all",
    "every": "all", "each": "all", "both": "both", "any": "any", "no": "no", "none": "no", "some": "some",
    "another": "a", "several": "some", "any of": "any", "all of": "all", "each of": "all", "every one of": "all",
    "both of": "both", "none of": "no", "one of": "a", "some of": "some", "either of": "a", "whichever": "any",
    "every single": "all", "all the": "all", "all of the": "all", "whatever": "all", "neither of": "no",
    "not a": "no", "not a single": "no", "not any": "no", "no more": "no", "a few": "some", "neither": "no",
    "each and every": "all", "mum's": "the", "either": "a", "as many": "all", "any and all": "all", "every last": "all",
    "most of": "all", "each one of": "all", "the whole": "the", "one": "one", "a single": "one",
    "the same": "one", "one single": "one", "one and the same": "one", "any one": "a",
    "the rest of": "all", "the other": "all", "the remaining": "all", "all remaining": "all", "a bit of": "some",
    "a little": "some", "a bunch of": "some", "loads of": "all", "enough": "some", "multiple": "some", "many": "some",
}
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
            "a couple of": 2, "a pair of": 2, "a couple": 2, "couple of": 2, "half a dozen": 6, "a dozen": 12,
            "eleven": 11, "twelve": 12, "pair of": 2, "dozen": 12}
_PRONOUNS: dict[str, str] = {
    "it": "it", "them": "them", "they": "them", "this": "it", "that": "it", "those": "them", "these": "them",
    "itself": "it", "both": "both", "all": "everything", "everything": "everything", "anything": "anything",
    "nothing": "nothing", "something": "something", "each": "each", "everything else": "rest", "the rest": "rest",
    "the others": "rest", "all else": "rest", "them all": "each", "it all": "everything", "all of it": "everything",
    "all of them": "each", "each of them": "each", "both of them": "both", "them both": "both", "each one": "each",
    "every one": "each", "the other one": "rest", "none": "none", "none of them": "none", "one of them": "one",
    "one": "one", "the other": "rest", "ones": "them",
    "the one": "it", "the ones": "them", "the lot": "each", "all of those": "each", "all of these": "each",
    "them each": "each", "they both": "both", "they all": "each", "these things": "each", "those things": "each",
    "the former": "it", "the latter": "it", "it too": "it", "whatever": "everything",
    "all this": "everything", "all that": "everything", "everything that": "everything that", "all three": "each",
    "all that stuff": "each", "what is left": "everything", "whatever is left": "everything", "either": "one",
}
_PEOPLE = frozenset({"me", "us", "myself", "ourselves", "him", "her", "my hand", "my hands"})
_PREPOSITIONS: dict[str, str] = {
    "in": "in", "into": "to", "inside": "in", "inside of": "in", "within": "in", "on": "on", "onto": "to", "upon": "on",
    "on to": "to", "in to": "to", "on top of": "on", "atop": "on", "at": "at", "to": "to", "over to": "to",
    "over": "over", "back to": "to", "back in": "to", "back into": "to", "back on": "to", "back onto": "to",
    "back inside": "to", "under": "under", "underneath": "under", "beneath": "under", "below": "under",
    "next to": "near", "beside": "near", "near": "near", "near to": "near", "close to": "near", "by": "near",
    "alongside": "near", "besides": "near", "in front of": "near", "behind": "near", "around": "near",
    "from": "from", "off": "from", "off of": "from", "out of": "from", "away from": "from", "from inside": "from",
    "from within": "from", "from on top of": "from", "from under": "from", "from off": "from", "with": "with",
    "using": "with", "using only": "with", "by using": "with", "via": "with", "through": "through", "for": "for",
    "of": "of", "towards": "to", "toward": "to", "down on": "on", "down in": "in", "up on": "on", "out on": "on",
    "over on": "on", "over in": "in", "down onto": "to", "against": "near", "along with": "and", "together with": "and",
    "as well as": "and", "across": "at", "throughout": "in", "about": "about", "between": "near", "amongst": "in",
    "among": "in", "to the top of": "to", "up to": "to", "out to": "to", "on the top of": "on", "there on": "on",
    "side by side on": "on", "there in": "in", "away in": "in", "away into": "to", "away on": "on",
    "in the direction of": "to", "in addition to": "and", "plus": "and", "&": "and", "and also": "and",
    "down to": "to", "right next to": "near", "down at": "at", "aside from": "except", "underneath of": "under",
    "containing": "with", "down inside": "in", "back down on": "to", "instead of": "from", "instead of on": "from",
    "instead of in": "from", "rather than": "from", "rather than on": "from", "rather than in": "from",
    "than on": "from", "than in": "from", "as": "as", "than": "than", "like": "as",
}
_PARTICLES = frozenset({"up", "down", "away", "back", "off", "on", "out", "over", "rid", "together", "aside", "open",
                        "shut", "along", "through", "in", "apart", "to pieces", "there"})
_AUXILIARIES: dict[str, str] = {
    "is": "is", "are": "is", "be": "is", "am": "is", "was": "was", "were": "was", "been": "is", "being": "is",
    "should": "must", "must": "must", "shall": "must", "ought to": "must", "has to": "must", "have to": "must",
    "needs to": "must", "need to": "must", "is to": "must", "are to": "must", "needs": "must", "need": "must",
    "may": "must", "can": "must", "could": "must", "will": "must", "would": "must", "might": "must",
    "has": "has", "have": "has", "had": "had", "having": "has", "had better": "must", "wants": "must", "get": "get",
    "gets": "get", "become": "get", "becomes": "get", "looks": "is", "look": "is", "seems": "is", "seem": "is",
    "feels": "is", "ends up": "is", "end up": "is", "stays": "is", "stay": "is", "remains": "is", "remain": "is",
    "got": "had", "gets to": "must", "wants to": "must", "ended up": "was", "do": "do", "does": "do", "did": "do",
    "requires": "must", "require": "must", "deserves": "must", "could do with": "must", "should get": "must",
    "must get": "must", "supposed to": "must", "got to": "must", "going to": "must", "looking": "is",
    "want": "want", "like": "want", "love": "want", "prefer": "want", "desire": "want", "wish": "want",
    "fancy": "want", "expect": "want", "wish for": "want", "care for": "want", "crave": "want", "am craving": "want",
    "would like": "want", "would love": "want", "am in the mood for": "want", "demand": "want",
    "am dying for": "want", "dying for": "want",
}
_SEQUENCE = frozenset({
    "then", "and then", "after that", "afterwards", "afterward", "next", "finally", "lastly", "thereafter", "later",
    "subsequently", "secondly", "after this", "once done", "once that is done", "when that is done", "and finally",
    "and afterwards", "and after that", "following that", "at last", "then finally", "when done", "when finished",
    "once finished", "after which", "followed by", "and next", "second", "third", "once you have done that",
    "before finally", "only then", "and only then",
})
_FIRST = frozenset({"first", "firstly", "to begin with", "at first", "initially"})
_SUBORDINATE: dict[str, str] = {
    "before": "before", "prior to": "before", "after": "after", "once": "after", "when": "after", "whenever": "after",
    "as soon as": "after", "while": "while", "whilst": "while", "until": "until", "till": "until", "if": "if",
    "so that": "purpose", "so": "purpose", "in order to": "purpose", "such that": "purpose", "because": "purpose",
    "since": "purpose", "unless": "purpose", "without": "without", "in case": "purpose", "provided": "if",
    "provided that": "if", "so as to": "purpose", "where": "where", "wherever": "where", "even though": "purpose",
    "although": "purpose", "though": "purpose", "now that": "purpose", "as long as": "if",
    "not before": "after", "but only after": "after", "only after": "after", "immediately after": "after",
    "right after": "after", "right before": "before", "just before": "before", "after first": "after",
    "and before": "before", "and while": "while", "but before": "before", "but after": "after", "while also": "while",
}
_EXCEPT = frozenset({"except", "except for", "excluding", "apart from", "other than", "but not", "save for", "bar",
                     "with the exception of", "leaving out", "and not", "not counting", "minus", "barring",
                     "aside from", "excepting", "not including", "but leave out", "but for", "but"})
_RELATIVE = frozenset({"that is", "that are", "which is", "which are", "that was", "that were", "which was",
                       "which were", "who is", "that has", "that have", "that i", "which i", "i left", "we left",
                       "you see", "you find", "you can find", "that you find", "that you see", "you can see",
                       "there is", "there are", "currently", "lying", "standing", "sitting", "left", "kept", "stored",
                       "located", "placed", "found", "resting", "hidden", "that lie", "that lies", "that sit",
                       "that sits", "that stand", "that stands", "which lie", "which lies", "that belongs",
                       "that belong", "scattered", "which stands", "which sits", "lying around", "lying about",
                       "that can be", "that can", "which can be", "that were left", "situated", "already",
                       "that is lying", "that is still", "that are still", "still", "that happens to be", "we have",
                       "i have", "that we have", "left behind", "left over", "you have", "we own", "remaining",
                       "that is currently", "that are currently", "that are lying", "which are lying",
                       "which is lying", "that is standing", "that are standing", "that is sitting",
                       "that you can find",
                       "that remains", "that remain", "that's", "that should be", "that i left", "i can see"})
_ENSURE = frozenset({"make sure", "make sure that", "ensure", "ensure that", "see to it that", "see to it",
                     "check that", "be certain that", "take care that", "make certain", "make certain that",
                     "see that", "verify that", "guarantee that", "please ensure", "i want it so that",
                     "arrange things so that", "i want to see", "be sure that", "be sure", "take care", "let"})
_PIECES = ("slice", "slices", "piece", "pieces", "bit", "bits", "half", "chunk", "chunks")
_HERE = frozenset({"here", "over here", "in here", "in this room", "in the room"})


@dataclass(slots=True)
class Token:
    """A word or a known phrase with all its readings."""

    text: str
    """In lower case."""
    punct: str = ""
    """`.` ends a sentence; `,` `:` `(`."""
    verbs: tuple[Verb, ...] = ()
    noun: tuple[tuple[str, ...], bool] | None = None
    room: str = ""
    home: bool = False
    product: str = ""
    liquid: str = ""
    piece: bool = False
    adj: Value | None = None
    plain: bool = False
    det: str = ""
    num: int = 0
    pron: str = ""
    people: bool = False
    prep: str = ""
    part: bool = False
    conj: bool = False
    seq: bool = False
    first: bool = False
    sub: str = ""
    aux: str = ""
    neg: bool = False
    fluff: bool = False
    rel: bool = False
    exc: bool = False
    ensure: bool = False
    here: bool = False
    living: bool = False

    @property
    def known(self) -> bool:
        """True when any table holds it."""
        return self != Token(self.text)

    def verb(self, *forms: str) -> Verb | None:
        """The first verb reading in one of the forms (any when none is given)."""
        return next((v for v in self.verbs if not forms or v.form in forms), None)


@dataclass(slots=True)
class Text:
    """A tokenised instruction."""

    tokens: list[Token]
    notes: list[str] = field(default_factory=list)
    """Corrections."""
    words: int = 0
    """How many words there were."""
    unknown: int = 0
    """How many of them no table holds."""


_APOSTROPHES: tuple[tuple[str, str], ...] = (
    (r"\bcan't\b", "can not"), (r"\bwon't\b", "will not"), (r"n't\b", " not"), (r"'d\b", " would"),
    (r"'ll\b", " will"), (r"'re\b", " are"), (r"'ve\b", " have"), (r"\bi'm\b", "i am"), (r"\blet's\b", "let us"),
    (r"\b(it|that|what|there|here|where|who|he|she)'s\b", r"\1 is"), (r"\bdont\b", "do not"),
    (r"\bcannot\b", "can not"),
    (r"\bgonna\b", "going to"), (r"\bwanna\b", "want to"), (r"\bgotta\b", "got to"),
    (r"\b(the \w+)'s (?=(?:in|on|at|too|so|a|an|the|not|very|really|getting|coming|still|all)\b)",
     r"\1 is "),
    (r"'s\b", ""), (r"s'(?=\s)", "s"),
    (r"\b(?:need|needs) doing\b", "need washing"),
    (r"\b(dishes|plates|pots|pans|cups|mugs) (need to|have to|should|must) be done\b", r"\1 \2 be washed"),
    (r"->|=>|→", " to "), (r"\beither (?=(?:a|an|one|some) )", ""),
    (r", all (?=(?:cut|sliced|chopped|diced)\b)", ", "),
    (r"\binto (?:(?:thin|thick|small|nice|even) )?(?:slices|pieces|chunks|bits|wedges|quarters|halves|cubes)\b", ""),
    (r"\b(?:in|for|within|over|by|all|every|last|this|since|until)(?:,? like,?)? "
     r"(?:(?:a|an|the|about|half|few|couple|of|next|last|past|whole|good|more|\d+|two|three|four|five|ten) )*"
     r"(?:hours?|minutes?|days?|weeks?|months?|years?|"
     r"nights?|mornings?|evenings?|afternoons?|weekends?|tonight|yesterday)\b", ""),
    (r"\bpls\b|\bplz\b", "please"), (r"\bcouldya\b", "could you"), (r"\bim\b", "i am"),
    (r"\bid like\b", "i would like"),
)


@cache
def _lexicon() -> dict[str, Token]:
    found: dict[str, Token] = {}

    def entry(phrase: str) -> Token:
        return found.setdefault(phrase, Token(phrase))

    tables: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("noun", nouns.noun_senses()), ("room", nouns.room_senses()), ("product", nouns.PRODUCTS),
        ("liquid", nouns.LIQUIDS), ("verbs", verbs.verb_senses()), ("adj", ADJECTIVES), ("det", _DETERMINERS),
        ("num", NUMBERS), ("pron", _PRONOUNS), ("prep", _PREPOSITIONS), ("aux", _AUXILIARIES), ("sub", _SUBORDINATE),
    )
    for name, table in tables:
        for phrase, value in table.items():
            setattr(entry(phrase), name, value)
    for base in verbs.EXTRA_BASES:
        entry(base).verbs = (*entry(base).verbs, Verb("wait", base, "base"))
    _mark_words(entry)
    return found


def _mark_words(entry: Callable[[str], Token]) -> None:
    for names, words in (
        ("plain", PLAIN_ADJECTIVES), ("fluff", _FLUFF | _FLUFF_PHRASES), ("people", _PEOPLE), ("part", _PARTICLES),
        ("seq", _SEQUENCE), ("first", _FIRST), ("exc", _EXCEPT), ("rel", _RELATIVE), ("ensure", _ENSURE),
        ("here", _HERE), ("living", nouns.LIVING), ("home", nouns.WHOLE_HOME), ("piece", _PIECES),
        ("conj", ("and", "or", "and/or", "but", "nor", "&")), ("neg", ("not", "never", "no longer")),
    ):
        for word in words:
            setattr(entry(word), names, True)


def tokenize(text: str) -> Text:
    """Split an instruction into the longest phrases the lexicon knows."""
    text = text.lower().replace("’", "'").replace("‘", "'").replace("`", "'")
    for pattern, replacement in _APOSTROPHES:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    raw = re.findall(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?()\n&–—]", text)[:MAX_TOKENS]
    out = Text(tokens=[], words=sum(1 for w in raw if w[0].isalnum()))
    lexicon = _lexicon()
    index = 0
    while index < len(raw):
        word = raw[index]
        if not word[0].isalnum() and word != "&":
            out.tokens.append(Token(word, punct={"!": ".", "?": ".", ";": ".", "\n": ".", "–": ",", "—": ",",
                                                 ")": ",", "(": ","}.get(word, word)))
            index += 1
            continue
        token, used = _longest(raw, index, lexicon)
        joined = word + raw[index + 1] if token is None and index + 1 < len(raw) else ""
        if len(joined) >= 5 and joined in lexicon and lexicon[joined].noun:  # lap top
            token, used = lexicon[joined], 2
            out.notes.append(f"I read '{word} {raw[index + 1]}' as {joined!r}.")
        if token is None:
            token = _single(word, lexicon, out)
        out.tokens.append(token)
        index += used
    return out


def _longest(raw: list[str], index: int, lexicon: dict[str, Token]) -> tuple[Token | None, int]:
    for size in range(min(_PHRASE_WORDS + 3, len(raw) - index), 0, -1):
        found = lexicon.get(" ".join(raw[index:index + size]))
        if found is not None:
            return found, size
    return None, 1


def _single(word: str, lexicon: dict[str, Token], out: Text) -> Token:
    if word.isdecimal() and word.isascii():
        value = min(int(word[:6]), 1000)
        return Token(word, num=value) if value != 1 else Token(word, det="one")
    corrected = _correct(word)
    if corrected is not None:
        out.notes.append(f"I read {word!r} as {corrected!r}.")
        return lexicon[corrected]
    if word.endswith("ly") and len(word) > 4:
        return Token(word, fluff=True)
    out.unknown += 1
    return Token(word)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def _correct(word: str) -> str | None:
    """A known word one slip away; only for words long enough that it can hardly be another one."""
    if len(word) < 4 or not word.isascii() or len(word) > 24:
        return None
    lexicon = _lexicon()
    swaps = [word[:i] + word[i + 1] + word[i] + word[i + 2:] for i in range(len(word) - 1)]
    candidates = list(swaps)
    if len(word) >= 6:
        candidates += [word[:i] + word[i + 1:] for i in range(len(word))]
        candidates += [word[:i] + c + word[i:] for i in range(len(word) + 1) for c in _LETTERS]
        candidates += [word[:i] + c + word[i + 1:] for i in range(1, len(word)) for c in _LETTERS]
    for candidate in candidates:
        token = lexicon.get(candidate)
        if len(candidate) >= 4 and token is not None and (token.noun or token.verb("base") or token.room) \
                and not _harmful(token):
            return candidate
    return None


def _harmful(token: Token) -> bool:
    return any(v.act in ("harm", "unable", "break") for v in token.verbs)
