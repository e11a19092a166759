"""Words, and names of people, towns, weekdays and months, which all families use."""

from __future__ import annotations

_WORDS = """
acorn almond anchor apple apricot arrow autumn badger bakery balloon bamboo banana barrel basket beaver bicycle
biscuit blanket bottle bracelet branch bridge bucket butter button cabbage cabinet camera candle canyon caravan carpet
carrot castle cathedral cellar cement channel chapter cheese cherry chimney cinema cinnamon circle coffee compass
concert copper corridor cottage cotton cradle crystal cushion dairy desert diamond dinner dolphin drawer eagle
elephant engine envelope evening falcon feather fiddle flannel forest fountain funnel galaxy garage garden garlic
ginger giraffe glacier grammar granite guitar hammer hammock harbour harvest helmet hollow honey island jacket jungle
kettle kitchen ladder lantern lemon leopard letter library lizard lobster locker magnet mallet marble market meadow
mineral mirror mountain muffin mustard napkin needle nettle noodle oatmeal office onion orchard oyster paddle palace
parrot pebble pencil pepper piano pickle pillow planet pocket potato pottery puzzle rabbit radish raven ribbon river
rocket saddle salmon sandal school season shelter shoulder silver sparrow spinach spiral squirrel station stone street
summer sunset surface table tablet teapot temple thimble thunder ticket timber tomato tower trumpet tulip tunnel
turtle umbrella valley vanilla velvet village violin volcano waffle wagon walnut whistle willow window winter yellow
zebra
"""
WORDS = tuple(_WORDS.split())
NAMES = (
    "Ana", "Bruno", "Carla", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas", "Katja", "Leon", "Maria",
    "Nils", "Olga", "Pavel", "Rita", "Stefan", "Tina", "Viktor", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip
TOWNS = (
    "Aldmere", "Brisk", "Corvale", "Dunholm", "Eastmoor", "Farrow", "Glenby", "Hartwell", "Ivydale", "Norvale",
    "Osterby",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
