"""The words for things and rooms, and which object types they stand for."""

from __future__ import annotations

from fleetmind.brain.symbolic.knowledge import FOOD, LIGHTS

_THINGS = """
AlarmClock: alarm clock, alarm, clock
AluminumFoil: aluminum foil, aluminium foil, tin foil, foil
Apple: apple
ArmChair: armchair, arm chair, easy chair, recliner
BaseballBat: baseball bat, bat
BasketBall: basketball, basket ball, ball
Bathtub BathtubBasin: bathtub, bath tub, tub
BathtubBasin Bathtub: bath basin
Bed: bed, mattress
Blinds: window blind, blind
Book: book, novel, textbook, notebook, magazine, storybook
Boots: pair of boots, boot, shoe
Bottle: bottle, water bottle
Bowl: bowl, dish bowl, cereal bowl, soup bowl
Box: box, cardboard box, carton, crate
Bread: bread, loaf of bread, loaf, bread loaf
ButterKnife: butter knife, butterknife, table knife, dinner knife
CD: cd, compact disc, disc, disk, dvd
Cabinet: cabinet, cupboard, kitchen cabinet, kitchen cupboard, closet
Candle: candle, tea light, tealight
CellPhone: cell phone, cellphone, phone, mobile phone, mobile, smartphone, smart phone, telephone, iphone, handset
Chair: chair, dining chair, desk chair
Cloth: cloth, rag, dishcloth, dish cloth, tea towel, washcloth, wash cloth, dish towel, cleaning cloth
CoffeeMachine: coffee machine, coffee maker, coffeemaker, coffeemachine, espresso machine, coffee pot
CoffeeTable: coffee table, living room table, lounge table
CounterTop: counter, countertop, counter top, worktop, work top, worksurface, work surface, kitchen counter,
 kitchen worktop, bathroom counter, workbench, sideboard, kitchen top, kitchen countertop
CreditCard: credit card, bank card, debit card, card
Cup: cup, teacup, tea cup, beaker, tumbler, drinking glass
Curtains: curtain, drape
Desk: desk, writing desk, writing table, office desk, work desk, study table, working table
DeskLamp: desk lamp, table lamp, desklamp, reading lamp, bedside lamp, desk light, reading light, bedside light
Desktop: desktop computer, desktop, desktop pc
DiningTable: dining table, dinner table, kitchen table, diningtable, dining room table, breakfast table, eating table
DishSponge: dish sponge, sponge, scouring pad, scourer
DogBed: dog bed
Drawer: drawer, kitchen drawer
Dresser: dresser, chest of drawers, bureau, dressing table
Dumbbell: dumbbell, dumb bell, weight, hand weight
Egg: egg
Faucet: faucet, tap, water tap, spigot, kitchen tap
Floor: floor, ground, carpet, rug
FloorLamp: floor lamp, floorlamp, standing lamp, standard lamp, floor light
Footstool: footstool, foot stool, foot rest, footrest
Fork: fork, dinner fork
Fridge: fridge, refrigerator, icebox, ice box, freezer
GarbageBag: garbage bag, trash bag, bin bag, rubbish bag, bin liner
GarbageCan: garbage can, trash can, bin, garbage, trash, rubbish bin, rubbish, waste bin, dustbin, wastebasket,
 waste basket, trashcan, waste paper basket, wastepaper basket, garbage bin, trash bin, rubbish can, waste can,
 litter bin, waste, dumpster
HandTowel: hand towel, guest towel
HandTowelHolder: hand towel holder, hand towel rack
HousePlant: house plant, houseplant, plant, potted plant, flower, plant pot, pot plant, flower pot, flowerpot, fern
Kettle: kettle, tea kettle, teakettle, teapot
KeyChain: key chain, keychain, key, bunch of keys, set of keys, key ring, keyring, house key, car key, door key
Knife: knife, kitchen knife, carving knife, chef's knife, chefs knife, sharp knife, bread knife
Ladle: ladle, soup ladle
Laptop: laptop, laptop computer, notebook computer, computer, macbook
LaundryHamper: laundry hamper, hamper, laundry basket, laundry bin, washing basket
Lettuce: lettuce, head of lettuce, lettuce head, salad head
LightSwitch: light switch, lightswitch, wall switch, switch, ceiling light, ceiling lamp, overhead light, main light,
 room light
Microwave: microwave, microwave oven
Mirror: mirror, looking glass
Mug: mug, coffee mug, coffee cup, tea mug
Newspaper: newspaper, paper, news paper, daily paper
Ottoman: ottoman, pouf, pouffe
Painting: painting, picture
Pan: pan, frying pan, fry pan, skillet, fryingpan
PaperTowelRoll: paper towel roll, paper towel, kitchen roll, roll of paper towel, kitchen paper, roll of kitchen paper,
 roll of kitchen towel
Pen: pen, ballpoint pen, ballpoint, biro
Pencil: pencil
PepperShaker: pepper shaker, pepper, pepper pot, pepper mill
Pillow: pillow, cushion
Plate: plate, dinner plate, dinnerplate
Plunger: plunger, toilet plunger
Poster: poster
Pot: pot, cooking pot, saucepan, sauce pan, stockpot, cookpot
Potato: potato, spud
RemoteControl: remote control, remote, tv remote, remote controller, tv remote control, television remote, clicker
Safe: safe, strongbox
SaltShaker: salt shaker, salt, salt cellar, salt pot, salt mill
ScrubBrush: scrub brush, toilet brush, scrubbing brush, scrubber
Shelf: shelf, bookshelf, book shelf, bookcase, rack, shelving
ShelvingUnit: shelving unit, shelf unit
ShowerCurtain: shower curtain
ShowerDoor: shower door
ShowerHead: shower head, shower, showerhead
SideTable: side table, bedside table, nightstand, night stand, end table, sidetable, bedside cabinet, night table,
 occasional table, bedside
SinkBasin Sink: sink, basin, sink basin, kitchen sink, washbasin, wash basin, bathroom sink, hand basin, washbowl
SoapBar: soap bar, bar of soap, soap, piece of soap, cake of soap
SoapBottle: soap bottle, bottle of soap, soap dispenser, dish soap, hand soap, liquid soap, washing up liquid,
 dishwashing liquid, shampoo
Sofa: sofa, couch, settee, loveseat, divan, sofa bed
Spatula: spatula, turner, fish slice
Spoon: spoon, teaspoon, tablespoon, tea spoon, soup spoon
SprayBottle: spray bottle, spray, spray can, cleaning spray
Statue: statue, sculpture, figurine, statuette, bust
Stool: stool
StoveBurner: stove burner, burner, stove, hob, cooker, stovetop, stove top, hotplate, hot plate, cooktop, oven, range
StoveKnob: stove knob, knob, burner knob, stove dial, cooker knob, stove switch
TableTopDecor: table decoration, table decor, tabletop decor, centrepiece, centerpiece
TeddyBear: teddy bear, teddy, stuffed bear, stuffed animal, plush toy, plushie, cuddly toy, soft toy, bear
Television: television, tv, telly, tv set, television set, flatscreen
TennisRacket: tennis racket, tennis racquet, racket, racquet
TissueBox: tissue box, box of tissues, tissue, kleenex, tissues box
Toaster: toaster
Toilet: toilet, loo, toilet seat
ToiletPaper: toilet paper, toilet roll, loo roll, roll of toilet paper, toilet tissue, loo paper
ToiletPaperHanger: toilet paper hanger, toilet paper holder, toilet roll holder, loo roll holder
Tomato: tomato
Towel: towel, bath towel, bathtowel
TowelHolder: towel holder, towel rack, towel rail, towel bar, towel hook
TVStand: tv stand, television stand, tvstand, tv table, tv unit, tv cabinet, media console, tv bench
VacuumCleaner: vacuum cleaner, hoover
Vase: vase, flower vase
Watch: watch, wristwatch, wrist watch
WateringCan: watering can, wateringcan
Window: window
WineBottle: wine bottle, bottle of wine, wine
BreadSliced: slice of bread, bread slice, sliced bread, piece of bread, bread piece
AppleSliced: apple slice, slice of apple, sliced apple, piece of apple, apple piece
TomatoSliced: tomato slice, slice of tomato, sliced tomato, piece of tomato, tomato piece
LettuceSliced: lettuce slice, slice of lettuce, sliced lettuce, lettuce leaf, leaf of lettuce, piece of lettuce
PotatoSliced: potato slice, slice of potato, sliced potato, piece of potato, potato piece
EggCracked: cracked egg, scrambled egg
"""

_CLASSES: dict[str, tuple[str, ...]] = {
    "table|tabletop|table top": ("DiningTable", "CoffeeTable", "SideTable", "Desk"),
    "lamp": ("FloorLamp", "DeskLamp"),
    "light|lighting": LIGHTS,
    "fruit|piece of fruit": ("Apple", "Tomato"),
    "vegetable|veggie|veg": ("Lettuce", "Potato", "Tomato"),
    "food|grocery|groceries|food item|foodstuff|piece of food|edible|eatable|produce|provision|perishable": FOOD,
    "ingredient|leftover|leftovers": FOOD,
    "dish|dishes|crockery|dishware|tableware|piece of crockery": ("Plate", "Bowl", "Cup", "Mug"),
    "washing up": ("Plate", "Bowl", "Cup", "Mug", "Pot", "Pan"),
    "glass|glasses|glassware": ("Cup",),
    "drinkware|drinking vessel": ("Cup", "Mug"),
    "cutlery|silverware|flatware|piece of cutlery|piece of silverware": ("Fork", "Spoon", "ButterKnife", "Knife"),
    "utensil|kitchen utensil|kitchenware|cooking utensil": ("Fork", "Spoon", "Knife", "ButterKnife", "Spatula",
                                                            "Ladle"),
    "cookware|pots and pans|cooking vessel": ("Pot", "Pan"),
    "shaker|seasoning|condiment|salt and pepper|salt and pepper shaker|spice": ("SaltShaker", "PepperShaker"),
    "electronic|electronics|electronic device|gadget|device|electrical device|electronic item": (
        "CellPhone", "Laptop", "RemoteControl", "AlarmClock"),
    "school supply|school supplies|stationery|office supply|office supplies": ("Book", "Pen", "Pencil"),
    "writing utensil|writing implement|something to write with|writing tool|writing instrument": ("Pen", "Pencil"),
    "reading material|something to read": ("Book", "Newspaper"),
    "toy": ("TeddyBear", "BasketBall"),
    "sports equipment|sports gear|sport equipment|sports item|exercise equipment": (
        "BaseballBat", "BasketBall", "TennisRacket", "Dumbbell"),
    "toiletry|toiletries|hygiene product|bathroom item": (
        "SoapBar", "SoapBottle", "ToiletPaper", "TissueBox"),
    "linen|bath linen": ("Towel", "HandTowel"),
    "drink|beverage": ("Bottle", "WineBottle"),
    "valuable": ("Watch", "CreditCard", "KeyChain", "CellPhone", "Laptop"),
    "decoration|ornament|decor|decorative item|knick knack|knickknack": ("Vase", "Statue", "Candle"),
    "holder|hanger|hook": ("HandTowelHolder", "TowelHolder", "ToiletPaperHanger"),
    "seat": ("Chair", "ArmChair", "Stool", "Sofa"),
    "container|storage": ("Cabinet", "Drawer", "Box"),
    "kitchen appliance|appliance": ("Microwave", "CoffeeMachine", "Toaster", "StoveKnob"),
    "vessel|something to drink from": ("Cup", "Mug", "Bowl"),
    "plate or bowl": ("Plate", "Bowl"),
    "cleaning supply|cleaning supplies|cleaning product": ("DishSponge", "Cloth", "SprayBottle", "SoapBottle"),
    "thing|stuff|item|object|belonging|clutter|mess|possession|odds and ends|bits and pieces|content": (),
}
_UNCOUNTED = frozenset({
    "stuff", "cutlery", "silverware", "flatware", "crockery", "dishware", "tableware", "food", "clutter", "mess",
    "electronics", "groceries", "dishes", "glasses", "glassware", "kitchenware", "cookware", "stationery", "fruit",
    "sports equipment", "sports gear", "exercise equipment", "toiletries", "school supplies", "office supplies",
    "odds and ends", "bits and pieces", "produce", "washing up", "pots and pans", "salt and pepper", "veg",
    "cleaning supplies", "sport equipment", "bath linen", "reading material", "lighting",
})
"""Names of many in the singular, or only used in the plural."""

_IRREGULAR = {
    "knife": "knives", "loaf": "loaves", "shelf": "shelves", "leaf": "leaves", "potato": "potatoes",
    "tomato": "tomatoes", "box": "boxes", "dish": "dishes", "couch": "couches", "switch": "switches",
    "toilet brush": "toilet brushes", "scrub brush": "scrub brushes", "glass": "glasses", "watch": "watches",
    "bus": "buses", "statue": "statues", "lunch": "lunches", "brush": "brushes", "bench": "benches",
}

_ROOMS: dict[str, str] = {
    "kitchen": "Kitchen", "kitchenette": "Kitchen",
    "living room": "LivingRoom", "livingroom": "LivingRoom", "lounge": "LivingRoom", "sitting room": "LivingRoom",
    "parlour": "LivingRoom", "family room": "LivingRoom", "front room": "LivingRoom",
    "bedroom": "Bedroom", "bed room": "Bedroom", "sleeping room": "Bedroom",
    "bathroom": "Bathroom", "bath room": "Bathroom", "restroom": "Bathroom", "washroom": "Bathroom",
    "dining room": "Kitchen",
}
WHOLE_HOME = ("house", "home", "flat", "apartment", "building", "everywhere", "every room", "all rooms",
              "all the rooms", "whole house", "entire house", "each room", "all of the rooms")
THIS_ROOM = ("room", "this room", "the room")

PARTS = frozenset({"lid", "door", "doors", "cover", "handle", "contents", "inside", "surface", "front", "edge",
                   "middle", "corner", "bottom", "side", "end", "screen", "lids", "content"})
"""Parts of things: `the lid of the laptop`, `the fridge door`; the thing is meant."""

_LIVING_WORDS = """
cat dog puppy kitten hamster baby child children kid kids toddler boy girl person people man woman men women human
humans brother sister mother father mom mum dad grandma grandpa grandmother grandfather neighbour neighbor wife husband
son daughter guest guests visitor friend friends somebody's parrot bird goldfish rabbit animal animals pet pets
roommate flatmate boyfriend girlfriend uncle aunt cousin burglar intruder
"""
LIVING = frozenset(_LIVING_WORDS.split())
"""Nothing is ever done to them."""


def _plural(phrase: str) -> str:
    head, _, last = phrase.rpartition(" ")
    if " of " in phrase:
        first, rest = phrase.split(" of ", 1)
        return f"{_plural(first)} of {rest}"
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{head} {last}" if head else last


def noun_senses() -> dict[str, tuple[tuple[str, ...], bool]]:
    """Phrase -> (object types, is it a plural). Types are empty for `thing` and the like."""
    found: dict[str, tuple[tuple[str, ...], bool]] = {}
    for line in _THINGS.replace("\n ", " ").strip().splitlines():
        names, _, phrases = line.partition(":")
        for phrase in phrases.split(","):
            found.setdefault(phrase.strip(), (tuple(names.split()), False))
            found.setdefault(_plural(phrase.strip()), (tuple(names.split()), True))
    for words, types in _CLASSES.items():
        for phrase in words.split("|"):
            found[phrase] = (types, phrase in _UNCOUNTED)
            if phrase not in _UNCOUNTED:
                found.setdefault(_plural(phrase), (types, True))
    found["tomatos"], found["potatos"] = (("Tomato",), True), (("Potato",), True)
    found["shelfs"], found["knifes"], found["keys"] = (("Shelf",), True), (("Knife",), True), (("KeyChain",), False)
    found["cutleries"] = (("Fork", "Spoon", "ButterKnife", "Knife"), True)
    found["boots"], found["blinds"], found["curtains"] = (("Boots",), False), (("Blinds",), True), (("Curtains",), True)
    return found


def room_senses() -> dict[str, str]:
    """Phrase -> room type."""
    return dict(_ROOMS) | {f"{phrase}s": name for phrase, name in _ROOMS.items()}


PRODUCTS: dict[str, str] = {
    "coffee": "coffee", "espresso": "coffee", "cappuccino": "coffee", "cup of coffee": "coffee",
    "mug of coffee": "coffee", "cups of coffee": "coffee", "mugs of coffee": "coffee", "coffees": "coffee",
    "coffee in a mug": "coffee", "pot of coffee": "coffee",
    "toast": "toast", "slice of toast": "toast", "slices of toast": "toast", "piece of toast": "toast",
    "pieces of toast": "toast", "toasted bread": "toast", "toasted slice of bread": "toast", "toasts": "toast",
    "toasted slices of bread": "toast", "toasted bread slice": "toast",
    "plate of toast": "plate of toast",
    "salad": "salad", "side salad": "salad", "green salad": "salad", "plate of salad": "salad", "salads": "salad",
    "sandwich": "sandwich", "sandwiches": "sandwich",
    "omelette": "omelette", "omelet": "omelette", "fried egg": "omelette", "cooked egg": "omelette",
    "poached egg": "poached egg", "boiled egg": "poached egg",
    "breakfast": "breakfast",
    "workspace": "workspace", "work space": "workspace", "workplace": "workspace", "work place": "workspace",
    "work area": "workspace", "study area": "workspace", "study space": "workspace", "home office": "workspace",
}
"""Things that are made rather than fetched."""
LIQUIDS = {"water": "water", "tap water": "water", "boiling water": "water", "hot water": "water",
           "cold water": "water", "fresh water": "water", "coffee": "coffee", "wine": "wine"}
