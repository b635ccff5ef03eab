"""Names of household things, and what words imply: the one table of the retrieval.

A word that is missing here costs little: what stands near the robots is shown anyway.
"""

from __future__ import annotations

from collections.abc import Mapping

SAME = """
sofa, couch, settee, loveseat, divan
arm chair, easy chair, recliner
ottoman, pouf, pouffe
stool, footstool
side table, nightstand, bedside table, bedside cabinet, bedside, end table
bed, mattress
coffee table, lounge table
dining table, dinner table, kitchen table, breakfast table
desk, writing table, writing desk, study table
counter top, counter, worktop, work surface, sideboard, workbench
dresser, chest of drawers, dressing table, bureau
cabinet, cupboard, closet
shelf, shelving unit, bookcase, bookshelf, rack
garbage can, trash can, bin, trash, rubbish, garbage, dustbin, wastebasket, waste basket, waste, wastepaper basket
laundry hamper, laundry basket, hamper
fridge, refrigerator, icebox, freezer
microwave, microwave oven
stove burner, stove, burner, hob, cooker, hotplate, cooktop, stovetop, range, oven
stove knob, burner knob
sink basin, sink, basin, washbasin, washbowl
bathtub basin, bathtub, tub, bath
faucet, tap, spigot
shower head, shower
toilet, loo
television, tv, telly, flatscreen
tv stand, television stand, tv table, tv unit
remote control, remote, clicker
cell phone, phone, mobile, mobile phone, smartphone, telephone, handset
laptop, computer, notebook computer
desktop, desktop computer, pc
desk lamp, table lamp, reading lamp, bedside lamp, desk light
floor lamp, standing lamp, standard lamp
light switch, wall switch, ceiling light, ceiling lamp, overhead light, room light
key chain, key, bunch of keys, keyring
pan, frying pan, skillet
pot, saucepan, stockpot
kettle, teapot
cup, glass, tumbler, beaker
mug, coffee mug, coffee cup
spatula, turner, fish slice
pen, ballpoint, biro
knife, kitchen knife, carving knife
butter knife, table knife
bread, loaf, toast
potato, spud
cloth, rag, dishcloth, tea towel, washcloth
dish sponge, sponge, scourer
soap bottle, soap dispenser, dish soap, liquid soap, washing up liquid, dishwashing liquid, shampoo
soap bar, bar of soap, soap
tissue box, tissue, kleenex
toilet paper, toilet roll, loo roll
paper towel roll, paper towel, kitchen roll
pillow, cushion
teddy bear, teddy, bear, plush toy, stuffed animal
statue, sculpture, figurine, statuette
house plant, plant, flower
painting, picture
credit card, card, bank card
alarm clock, clock
newspaper, paper
book, novel, magazine
watch, wristwatch
box, carton, crate
pepper shaker, pepper
salt shaker, salt
basket ball, ball
baseball bat, bat
tennis racket, racket, racquet
boots, shoe
cd, compact disc, disc, dvd
curtain, drape
dumbbell, weight
vacuum cleaner, hoover
garbage bag, bin liner
aluminum foil, foil
scrub brush, toilet brush
living room, lounge, sitting room, den
bathroom, restroom, washroom
"""
"""Each line: names of one thing. Whichever of them a site has as a type answers to all."""

MEANS: Mapping[str, str] = {
    "fruit": "apple, banana, orange, tomato",
    "vegetable": "lettuce, tomato, potato, carrot",
    "food": "apple, bread, egg, lettuce, potato, tomato, banana, orange",
    "grocery": "apple, bread, egg, lettuce, potato, tomato, banana, orange",
    "dish": "plate, bowl, cup, mug, pan, pot",
    "dishware": "plate, bowl, cup, mug",
    "crockery": "plate, bowl, cup, mug",
    "tableware": "plate, bowl, cup, mug, fork, knife, spoon, butter knife",
    "cutlery": "knife, fork, spoon, butter knife",
    "silverware": "knife, fork, spoon, butter knife",
    "lamp": "desk lamp, floor lamp, light switch",
    "light": "light switch, desk lamp, floor lamp, candle",
    "device": "television, laptop, microwave, toaster, coffee machine",
    "utensil": "spatula, ladle, spoon, fork, knife, butter knife",
    "appliance": "microwave, toaster, coffee machine, stove knob, fridge",
    "electronic": "laptop, cell phone, remote control, alarm clock, television",
    "gadget": "laptop, cell phone, remote control, alarm clock",
    "toiletry": "soap bar, soap bottle, toilet paper, tissue box, towel",
    "decoration": "vase, statue, candle, table top decor, room decor",
    "ornament": "vase, statue, candle",
    "valuable": "watch, credit card, key chain, cell phone, laptop",
    "condiment": "salt shaker, pepper shaker",
    "drink": "bottle, wine bottle, cup, mug",
    "container": "box, cabinet, drawer",
    "vessel": "cup, mug, bowl, pot",
    "linen": "towel, hand towel, cloth",
    "toy": "teddy bear, basket ball",
    "seat": "chair, sofa, arm chair",
    "coffee": "mug, coffee machine",
    "salad": "lettuce, tomato, plate, bowl, knife",
    "sandwich": "bread, lettuce, tomato, plate, knife",
    "toast": "bread, toaster, plate, knife",
    "breakfast": "mug, coffee machine, bread, toaster, plate, knife, bowl, egg, pan",
    "omelette": "egg, pan, stove burner, stove knob",
    "workspace": "desk, laptop, pen, pencil, book, desk lamp",
}
"""Words that stand for several things."""

IMPLIES: Mapping[str, str] = {
    **dict.fromkeys(("wash", "clean", "rinse", "dirty", "fill", "water", "empty"), "sink basin, faucet"),
    **dict.fromkeys(("heat", "hot", "warm", "reheat"), "microwave, stove burner, stove knob"),
    **dict.fromkeys(("cook", "fry", "bake"), "stove burner, stove knob, microwave, pan, pot, toaster"),
    **dict.fromkeys(("boil", "boiled"), "pot, stove burner, stove knob, sink basin, faucet"),
    **dict.fromkeys(("poach", "poached"), "pot, stove burner, stove knob, sink basin, faucet"),
    **dict.fromkeys(("cold", "cool", "chill", "chilled"), "fridge"),
    **dict.fromkeys(("slice", "cut", "chop", "sliced", "crack"), "knife"),
    **dict.fromkeys(("dark", "bright", "darken", "light"), "light switch, desk lamp, floor lamp"),
    **dict.fromkeys(("throw", "discard", "dispose"), "garbage can"),
    **dict.fromkeys(("salad", "sandwich"), "knife, plate"),
    **dict.fromkeys(("toast", "toasted"), "toaster, knife"),
    **dict.fromkeys(("omelette", "breakfast"), "stove burner, stove knob, sink basin, faucet"),
    **dict.fromkeys(("stove", "burner", "hob", "cooker", "pan"), "stove knob, stove burner"),
    **dict.fromkeys(("sink", "basin", "washbasin", "bathtub"), "faucet"),
    "coffee": "coffee machine, sink basin, faucet",
    "tea": "kettle, mug, stove burner, sink basin, faucet",
    "kettle": "stove burner, stove knob",
    "read": "book, desk lamp, floor lamp, light switch",
    "watch": "television, remote control",
    **dict.fromkeys(("plant", "thirsty"), "watering can, cup, mug, bottle, pot, kettle, sink basin, faucet"),
    "sweep": "garbage can",
    "dust": "cloth, garbage can",
}
"""What somebody needs who does what the word says."""

EVERYTHING = frozenset({"everything", "stuff", "clear", "anything", "nothing", "content", "tidy", "item", "object"})
"""Words that mean whatever is on or in the things named."""
MANY = frozenset({"all", "every", "each", "both", *EVERYTHING})
NO_NAMES = frozenset({"a", "an", "and", "at", "can", "in", "it", "of", "on", "or", "room", "stand", "the", "to", "top",
                      "up", "with"})
"""Words that say nothing alone, though types have them: `can you` names no garbage can."""
