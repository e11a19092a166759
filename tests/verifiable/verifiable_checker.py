"""Answers the questions of `verifiable` from their text alone, by other means than the benchmark does.

`check(question)` reads a question and returns a function that says whether a response to it is right. It shares nothing
with judgebench.verifiable: sentences are taken apart with regular expressions, dates go through datetime and
numpy, line-ups through brute force, and code is run (it is our own text) against a reference on many arguments.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import groupby, permutations
from random import Random
from typing import Any

import numpy as np
from scipy.stats import rankdata

Check = Callable[[str], bool]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
ORDINAL = {word: place for place, word in enumerate(ORDINALS)}


def check(question: str) -> Check:
    return _solved(question)[1]


def kind(question: str) -> str:
    return _solved(question)[0]


def _solved(question: str) -> tuple[str, Check]:
    """By the one solver that knows this kind of question."""
    found = [(solver.__name__, made) for solver in SOLVERS if (made := solver(question)) is not None]
    assert len(found) == 1, f"{len(found)} solvers for: {question}"
    return found[0]


# --- reading ----------------------------------------------------------------------------------------------------------


def last_line(response: str) -> str:
    return response.rstrip().split("\n")[-1].replace("*", "")


def says(expected: Any, read: Callable[[str], Any]) -> Check:
    return lambda response: bool(read(last_line(response)) == expected)


def only_number(line: str) -> int:
    numbers = re.findall(r"\d[\d,]*", line)
    assert len(numbers) == 1, line
    return int(numbers[0].replace(",", ""))


def dollars(line: str) -> Fraction:
    (amount,) = re.findall(r"\$([\d,]+(?:\.\d\d)?)", line)
    return Fraction(amount.replace(",", ""))


def minutes(text: str) -> int:
    """2 h 5 min, 2 hours 5 minutes, one hour"""
    text = text.replace("one hour", "1 h").replace("hours", "h").replace("minutes", "min")
    hours, rest = re.findall(r"(\d+) h", text), re.findall(r"(\d+) min", text)
    assert 1 <= len(hours) + len(rest) <= 2, text
    return 60 * sum(map(int, hours)) + sum(map(int, rest))


def time_of_day(line: str) -> int:
    ((hour, minute),) = re.findall(r"(\d\d):(\d\d)", line)
    return 60 * int(hour) + int(minute)


def weekday_in(line: str) -> str:
    found = [word for word in re.findall(r"[A-Z][a-z]+", line) if word in DAYS]
    assert len(found) == 1, line
    return found[0]


def day_in(text: str) -> date:
    ((day, month, year),) = re.findall(r"(\d+) ([A-Z][a-z]+) (\d{4})", text)
    return date(int(year), MONTHS.index(month) + 1, int(day))


def dated(line: str) -> tuple[str, date]:
    return weekday_in(line), day_in(line)


def names_in(known: Iterable[str]) -> Callable[[str], list[str]]:
    alternatives = "|".join(sorted(known, key=len, reverse=True))
    return lambda line: re.findall(rf"\b(?:{alternatives})\b", line)


def quoted(line: str) -> str:
    (text,) = re.findall(r"[\"`](.*)[\"`]", line)
    return str(text)


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, (pattern, text)
    return int(found.group(1).replace(",", ""))


# --- arithmetic -------------------------------------------------------------------------------------------------------


def posts(q: str) -> Check | None:
    if "one every" not in q or "$" not in q:
        return None
    spacing, price = number(r"one every (\d+) m", q), number(r"\$(\d+)", q)
    amount, unit = re.findall(r"([\d,.]+) (k?m)\b(?=,? long)", q)[0]
    length = round(float(amount.replace(",", "")) * (1000 if unit == "km" else 1))
    places = list(range(0, length + 1, spacing))
    if re.search(r"none at either end|leaving the two ends themselves free", q):
        places = places[1:-1]
    elif re.search(r"leaving the other end free|none at the far end", q):
        places = places[:-1]
    else:
        assert re.search(r"one at each end|right at the two ends", q), q
    return says(len(places) * price, dollars)


def voucher(q: str) -> Check | None:
    if "voucher" not in q:
        return None
    pieces, price = re.findall(r"orders (\d+) [a-z ]+ at \$(\d+) each", q)[0]
    percent, off = number(r"a (\d+)% discount", q), number(r"has a \$(\d+) voucher", q)
    delivery = Fraction(re.findall(r"costs \$([\d.]+\d)", q)[0])
    goods, keep = Fraction(pieces) * int(price), 1 - Fraction(percent, 100)
    rule = re.findall(r"The shop (.*?)\. Delivery", q)[0]
    if rule in ("takes off the discount first and then deducts the voucher", "applies the discount before the voucher"):
        return says(goods * keep - off + delivery, dollars)
    assert rule in (
        "deducts the voucher first and then takes off the discount",
        "applies the voucher before the discount",
    )
    return says((goods - off) * keep + delivery, dollars)


def paint(q: str) -> Check | None:
    if "litres of paint" not in q:
        return None
    sides = [Fraction(x) for x in re.findall(r"([\d.]+) m(?![²\w])", q)]
    length, width, height, wide, tall = sides
    area = 2 * length * height + 2 * width * height
    if re.search(r"is not to be painted|without paint", q):
        area -= wide * tall
    else:
        assert re.search(r"painted like the walls|the same paint as the walls", q), q
    litres = area * number(r"(\d+) coats", q) / number(r"covers (\d+) m²", q)
    return says(litres, lambda line: Fraction(re.findall(r"([\d.]+) litres", line)[0]))


def pumps(q: str) -> Check | None:
    if "water tank" not in q:
        return None
    amount, unit = re.findall(r"holds ([\d.,]+) (litres|m³)", q)[0]
    size = round(float(amount.replace(",", "")) * (1000 if unit == "m³" else 1))
    level, rate = number(r"contains (\d+) litres", q), number(r"One pump brings in (\d+)", q)
    second = re.findall(r"at the same time (.*?)\. How", q)[0]
    sign = {"b": 1, "a": 1, "d": -1, "t": -1}[re.findall(r"pump (\w)", second)[0]]
    rate += sign * number(r"(\d+) litres", second)
    passed = 0
    while level < size:
        level, passed = level + rate, passed + 1
    assert level == size
    return says(passed, minutes)


def line(q: str) -> Check | None:
    if "A machine" not in q:
        return None
    batch, per = map(int, re.findall(r"(\d+) \w+ every (\d+) minutes", q)[0])
    start, stop = (datetime.strptime(x, "%H:%M") for x in re.findall(r"\d\d:\d\d", q))  # noqa: DTZ007
    running = (stop - start).total_seconds() / 60 - number(r"stands still for (\d+) minutes", q)
    assert running % per == 0
    return says(int(running // per) * batch, only_number)


def packing(q: str) -> Check | None:
    if found := re.search(r"Each \w+ holds (\d+) \w+, and each \w+ holds (\d+) \w+\. How many \w+ are there in", q):
        mids, smalls = map(int, found.groups())
    elif found := re.search(r"^(\d+) \w+ make one \w+, and (\d+) \w+ make one \w+\. Someone counts", q):
        smalls, mids = map(int, found.groups())
    else:
        return None
    a, b, c = map(int, re.findall(r"(\d+) \w+, (\d+) (?:further|loose) \w+ and (\d+) (?:single|loose)", q)[0])
    return says(c + b * smalls + a * mids * smalls, only_number)


# --- dates ------------------------------------------------------------------------------------------------------------


def weekday(q: str) -> Check | None:
    if "day of the week" not in q and "Which weekday" not in q:
        return None
    pairs = re.findall(rf"(\d+) ({'|'.join(MONTHS)})", q)
    year = number(r"\b(20\d\d)\b", q)
    known, asked = (date(year, MONTHS.index(month) + 1, int(day)) for day, month in pairs)
    assert DAYS[known.weekday()] in q
    return says(DAYS[asked.weekday()], weekday_in)


def span(q: str) -> Check | None:
    if "how many days" not in q.lower() or not re.search(r"counting|included|left out", q, re.IGNORECASE):
        return None
    pairs = re.findall(rf"(\d+) ({'|'.join(MONTHS)})", q)
    year = number(r"\b(20\d\d)\b", q)
    start, end = (date(year, MONTHS.index(month) + 1, int(day)) for day, month in pairs)
    days = {start + timedelta(k) for k in range((end - start).days + 1)}
    lower = q.lower()
    if "neither" in lower or "both left out" in lower:
        days -= {start, end}
    elif "but not" in lower or "left out" in lower:
        days -= {start}
    else:
        assert "counting both" in lower or "both included" in lower, q
    return says(len(days), only_number)


def workdays(q: str) -> Check | None:
    if "working day" not in q:
        return None
    start, wanted = day_in(q), number(r"On which date is working day (\d+)", q)
    name, day, month = re.findall(r"(\w+), (\d+) (\w+), is a public holiday", q)[0]
    holiday = date(start.year, MONTHS.index(month) + 1, int(day))
    assert DAYS[holiday.weekday()] == name
    assert DAYS[start.weekday()] in q
    first = bool(re.search(r"itself is already working day 1|with that day as working day 1", q))
    assert first != bool(re.search(r"next working day (as working day 1|after that)", q))
    closed = bool(re.search(r"is closed then|nobody works", q))
    assert closed != bool(re.search(r"as on any other day|stays open all the same", q))
    holidays = [np.datetime64(holiday)] if closed else []
    due = np.busday_offset(np.datetime64(start), wanted - first, holidays=holidays).astype(object)
    return says((DAYS[due.weekday()], due), dated)


def nth(q: str) -> Check | None:
    found = re.search(r"on the (fourth|last) (\w+) of (\w+) (\d+)\. The first of that month is a (\w+)", q)
    if not found:
        return None
    which, name, month, year, first = found.groups()
    day = date(int(year), MONTHS.index(month) + 1, 1)
    assert DAYS[day.weekday()] == first
    days = [day + timedelta(k) for k in range(31)]
    days = [one for one in days if one.month == day.month and DAYS[one.weekday()] == name]
    due = (days[3] if which == "fourth" else days[-1]) + timedelta(number(r"exactly (\d+) days after", q))
    return says((DAYS[due.weekday()], due), dated)


# --- clocks -----------------------------------------------------------------------------------------------------------


def _zones(q: str, a: str, b: str) -> tuple[timezone, timezone]:
    """Of places or people a and b, from `X's clock is T ahead of Y's` or `Clocks in X are T ahead of those in Y`."""
    found = re.search(r"(?:Clocks in )?(\w+)(?:'s clock is| are) ([\w ]+) (ahead of|behind) (?:those in )?(\w+)", q)
    assert found
    x, gap, side, y = found.groups()
    assert {x, y} == {a, b}
    hours = timedelta(minutes=minutes(gap)) * (1 if side == "ahead of" else -1)
    zones = {x: timezone(hours), y: timezone(timedelta())}
    return zones[a], zones[b]


def flight(q: str) -> Check | None:
    found = re.search(r"leaves (\w+) at (\d\d):(\d\d) on (\w+), local time", q)
    if not found:
        return None
    a, hour, minute, name = found.groups()
    via, first, wait, b, second = re.findall(
        r"to (\w+) takes (.*?), the stop there (.*?), and the second flight, to (\w+), (.*?)\. Clocks", q
    )[0]
    here, there = _zones(q, a, b)
    leave = datetime(2024, 1, 1 + DAYS.index(name), int(hour), int(minute), tzinfo=here)  # a Monday to begin with
    arrive = (leave + timedelta(minutes=minutes(first) + minutes(wait) + minutes(second))).astimezone(there)
    assert via not in (a, b)
    return says(
        (DAYS[arrive.weekday()], 60 * arrive.hour + arrive.minute), lambda text: (weekday_in(text), time_of_day(text))
    )


def sessions(q: str) -> Check | None:
    found = re.search(r"starts at (\d\d):(\d\d) and consists of (\d+) \w+s of (\d+) minutes each", q)
    if not found:
        return None
    hour, minute, amount, each = map(int, found.groups())
    rest, lunch, after = (
        number(r"break of (\d+) minutes", q),
        number(r"(\d+) minutes are kept free", q),
        number(r"lunch after \w+ (\d+)", q),
    )
    last_too = bool(re.search(r"the last one included|also the last", q))
    assert last_too != bool(re.search(r"none at the end|nothing follows the last", q))
    now = 60 * hour + minute
    for session in range(1, amount + 1):
        now += each + lunch * (session == after) + rest * (session < amount or last_too)
    return says(now, time_of_day)


def bus(q: str) -> Check | None:
    found = re.search(
        r"From (\d\d:\d\d) on, a .* every (\d+) minutes\. \w+ sets out at (\d\d:\d\d) and needs (\d+) min", q
    )
    if not found:
        return None
    opening, every, leave, walk = (
        time_of_day(found[1]), int(found[2]), time_of_day(found[3]), int(found[4]),
    )  # fmt: skip
    caught = bool(re.search(r"still gets on|is early enough", q))
    assert caught != bool(re.search(r"no longer gets on|is too late", q))
    there = leave + walk
    departures = range(opening, 24 * 60, every)
    taken = next(time for time in departures if time > there or (caught and time == there))
    ride, foot = number(r"ride takes (\d+) minutes", q), number(r"another (\d+) minutes", q)
    return says(taken + ride + foot, time_of_day)


def overlap(q: str) -> Check | None:
    found = re.search(
        r"^(\w+) works from (\d\d):(\d\d) to (\d\d):(\d\d) and (\w+) from (\d\d):(\d\d) to (\d\d):(\d\d), each by", q
    )
    if not found:
        return None
    a, b = found[1], found[6]
    zones = _zones(q, a, b)
    moments = [[int(found[k]) for k in range(start, start + 4)] for start in (2, 7)]
    worked: list[set[datetime]] = []
    for zone, (h1, m1, h2, m2) in zip(zones, moments, strict=True):
        start, end = (datetime(2024, 5, 15, h, m, tzinfo=zone) for h, m in ((h1, m1), (h2, m2)))
        steps = (end - start) // timedelta(minutes=5)
        worked.append({(start + timedelta(minutes=5 * k)).astimezone(timezone.utc) for k in range(steps)})  # noqa: UP017
    return says(5 * len(worked[0] & worked[1]), minutes)


# --- ranking ----------------------------------------------------------------------------------------------------------


def _order_or_place(order: list[str], q: str) -> Check:
    place = re.search(r"(?:comes|in) (\w+)(?: place)?\?$", q)
    read = names_in(order)
    if place:
        return says([order[ORDINAL[place[1]]]], read)
    return says(order, read)


def league(q: str) -> Check | None:
    if "finished a season" not in q:
        return None
    rows = re.findall(r"^(\w+): (\d+) points, (.+?) (\d+), (.+?) (\d+)$", q, re.MULTILINE)
    found = re.search(r"broken by the (.+?), and if that is equal too, by the (.+?)\. In both", q) or re.search(
        r"with equal points the (.+?) decides, and only then the (.+?)\. In both", q
    )
    assert found
    table = [(name, int(points), {x: int(n), y: int(m)}) for name, points, x, n, y, m in rows]
    ordered = sorted(table, key=lambda row: (-row[1], -row[2][found[1]], -row[2][found[2]]))
    return _order_or_place([name for name, _, _ in ordered], q)


def runners(q: str) -> Check | None:
    if "five-kilometre" not in q:
        return None
    rows = re.findall(r"^(\w+), aged (\d+): (\d+) min (\d\d) s$", q, re.MULTILINE)
    young = bool(re.search(r"the younger (?:runner|of them)", q))
    assert young != bool(re.search(r"the older (?:runner|of them)", q))
    ordered = sorted(rows, key=lambda row: (int(row[2]), int(row[3]), int(row[1]) if young else -int(row[1])))
    return _order_or_place([row[0] for row in ordered], q)


def places(q: str) -> Check | None:
    if "share a place" not in q:
        return None
    scores = {name: int(score) for name, score in re.findall(r"([A-Z]\w+) (\d+)(?=[,.])", q.split("More", 1)[0])}
    skip = bool(re.search(r"are left out|are skipped", q))
    assert skip != bool(re.search(r"no place is left out|simply goes on", q))
    ranks = rankdata([-score for score in scores.values()], method="min" if skip else "dense")
    who = re.findall(r"Which place does (\w+) get", q)[0]
    return says(int(ranks[list(scores).index(who)]), only_number)


def shelf(q: str) -> Check | None:
    if not q.startswith("Put these words in order"):
        return None
    words = re.findall(r"order: (.*?)\. The rule", q)[0].split(", ")
    longest_first = "longer words come before shorter" in q
    backwards = bool(re.search(r"reverse alphabetical|from Z to A", q))
    assert backwards != bool(re.search(r"in alphabetical|from A to Z", q))
    ordered: list[str] = []
    for _, group in groupby(sorted(words, key=len, reverse=longest_first), key=len):
        alphabetical = sorted(group)
        ordered += alphabetical[::-1] if backwards else alphabetical
    return says(ordered, names_in(words))


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(q: str) -> list[dict[str, str]]:
    block = q.split("\n\n")[1]
    return list(csv.DictReader(io.StringIO(block), skipinitialspace=True))


def filtered(q: str) -> Check | None:
    if "rows of the sort" not in q:
        return None
    sort, condition = re.findall(r"rows of the sort (\w+) with (.*?)\. How", q)[0]
    bound = number(r"(\d+)", condition)
    fits = {
        "at least": lambda x: x >= bound, "or more": lambda x: x >= bound, "more than": lambda x: x > bound,
        "over": lambda x: x > bound, "at most": lambda x: x <= bound, "or fewer": lambda x: x <= bound,
        "fewer than": lambda x: x < bound, "under": lambda x: x < bound,
    }  # fmt: skip
    (test,) = [test for words, test in fits.items() if words in condition]
    rows = _table(q)
    unit = list(rows[0])[2]
    return says(sum(int(row[unit]) for row in rows if row["sort"] == sort and test(int(row[unit]))), only_number)


def mean(q: str) -> Check | None:
    if "In the mean" not in q:
        return None
    entries = re.findall(r"^\w+ \d+: (-|\d+)$", q, re.MULTILINE)
    zero = bool(re.search(r"with the value 0|treated as 0", q))
    assert zero != bool(re.search(r"does not count|left out", q))
    values = [0 if entry == "-" else int(entry) for entry in entries if zero or entry != "-"]
    return says(statistics.mean(map(Fraction, values)), only_number)


def gap(q: str) -> Check | None:
    if "one of two teams" not in q:
        return None
    totals: Counter[str] = Counter()
    for row in _table(q):
        totals[row["team"]] += int(list(row.values())[2])
    (ahead, more), (_, less) = totals.most_common(2)
    return says(([ahead], more - less), lambda text: (names_in(totals)(text), only_number(text)))


# --- counting ---------------------------------------------------------------------------------------------------------


def letters(q: str) -> Check | None:
    found = re.search(r'letter "(\w)"', q)
    if not found or "\n\n" not in q or "," in q.split("\n\n")[1]:
        return None
    return says(Counter(q.split("\n\n")[1])[found[1]], only_number)


def words(q: str) -> Check | None:
    found = re.search(r'words have (.*?) and (.*?) the letter "(\w)"', q)
    if not found:
        return None
    bound = number(r"(\d+)", found[1])
    least = bound if re.search(r"at least|or more", found[1]) else bound + 1
    assert least == bound or re.search(r"more than|over", found[1])
    wanted = "not" not in found[2]
    fitting = [word for word in q.split("\n\n")[1].split(", ") if len(word) >= least and (found[3] in word) is wanted]
    return says(len(fitting), only_number)


def multiples(q: str) -> Check | None:
    found = re.search(r"whole numbers (.*?) are divisible by (.*)\?", q)
    if not found:
        return None
    low, high = map(int, re.findall(r"\d+", found[1]))
    inside = range(low, high + 1) if "includ" in found[1] else range(low + 1, high)
    assert re.search(r"both of these included|up to and including|greater than|strictly between", found[1])
    a, b = map(int, re.findall(r"\d+", found[2]))
    single = bool(re.search(r"not by both|exactly one", found[2]))
    assert single != bool(re.search(r"or by both|at least one", found[2]))
    fits = (lambda x: (x % a == 0) != (x % b == 0)) if single else (lambda x: x % a == 0 or x % b == 0)
    return says(sum(map(fits, inside)), only_number)


def digits(q: str) -> Check | None:
    found = re.search(r"(?:numbers from|the numbers) (\d+) to (\d+).*digit (\d)", q)
    if not found:
        return None
    texts = [str(x) for x in range(int(found[1]), int(found[2]) + 1)]
    if re.search(r"How many of (?:them|these)", q):
        return says(sum(found[3] in text for text in texts), only_number)
    assert re.search(r"How often|How many times", q)
    return says("".join(texts).count(found[3]), only_number)


# --- edits ------------------------------------------------------------------------------------------------------------


def edits(q: str) -> Check | None:
    found = re.search(r"^Start with the (string|list) (.*) and carry out", q)
    if not found:
        return None
    as_text = found[1] == "string"
    state = list(found[2].strip('"')) if as_text else found[2].split(", ")
    for order in re.findall(r"^\(\d\) (.*)\.$", q, re.MULTILINE):
        state = _edited(state, order.replace('"', ""))
    return says(("" if as_text else ", ").join(state), quoted)


def _edited(state: list[str], order: str) -> list[str]:
    result = state.copy()
    if found := re.search(r"^Move the (first|last) (\d+) ", order):
        shift = int(found[2]) if found[1] == "last" else -int(found[2])
        return [str(x) for x in np.roll(np.array(state, dtype=object), shift)]
    if found := re.search(r"^Replace (the first|the last|each) (\w+) by (\w+)", order):
        places = [k for k, x in enumerate(state) if x == found[2]]
        for k in {"the first": places[:1], "the last": places[-1:], "each": places}[found[1]]:
            result[k] = found[3]
        return result
    if found := re.search(r"^Reverse the order of the (first|last) (\d+)", order):
        size = int(found[2])
        cut = size if found[1] == "first" else len(state) - size
        left, right = state[:cut], state[cut:]
        return left[::-1] + right if found[1] == "first" else left + right[::-1]
    if found := re.search(r"^Insert (\w+) directly (before|after) the (\w+)", order):
        result.insert(ORDINAL[found[3]] + (found[2] == "after"), found[1])
        return result
    found = re.search(r"the (\w+) \w+,? (?:counted )?from the (left|right)", order)
    assert found, order
    at = ORDINAL[found[1]] if found[2] == "left" else -1 - ORDINAL[found[1]]
    if order.startswith("Delete"):
        del result[at]
    elif order.startswith("Write"):
        result = [x for k, x in enumerate(state) for _ in range(2 if k == at % len(state) else 1)]
    else:
        assert re.search(r"^Swap .* with its (right|left) neighbour", order), order
        other = at + (1 if "its right" in order else -1)
        result[at], result[other] = state[other], state[at]
    return result


# --- sets -------------------------------------------------------------------------------------------------------------


def venn(q: str) -> Check | None:
    if "of the three?" not in q:
        return None
    total, a, b, c, ab, ac, bc, abc = map(int, re.findall(r"\d+", q))
    with_triple = bool(re.search(r"(?<!not )included in the numbers|numbers for the pairs include", q))
    assert with_triple != bool(re.search(r"not included in the numbers|numbers for the pairs leave out", q))
    pairs = ab + ac + bc + (0 if with_triple else 3 * abc)  # now with the triples in each of them
    any_of = a + b + c - pairs + abc
    exactly_two = pairs - 3 * abc
    goal = re.findall(r"How many \w+ (.*?) of the three", q)[0]
    return says(
        {
            "at least one": any_of,
            "none": total - any_of,
            "exactly two": exactly_two,
            "at least two": exactly_two + abc,
            "exactly one": any_of - exactly_two - abc,
        }[goal],
        only_number,
    )


def elements(q: str) -> Check | None:
    if not q.startswith("Three sets"):
        return None
    a, b, c = ({int(x) for x in line.split(",")} for line in re.findall(r"^[ABC]: (.*)$", q, re.MULTILINE))
    chosen = {
        "in exactly two of the sets": (a & b | a & c | b & c) - (a & b & c),
        "in at least two of the sets": a & b | a & c | b & c,
        "in A or B, but not in C": (a | b) - c,
        "in A and C, or in B and C": (a & c) | (b & c),
        "in exactly one of A and B": a ^ b,
        "in at least one of A and B": a | b,
        "in A, but not in both B and C": a - (b & c),
        "in A, but in neither B nor C": a - (b | c),
    }[re.findall(r"every number that is (.*?)\. What", q)[0]]
    return says(sum(chosen), only_number)


# --- seating ----------------------------------------------------------------------------------------------------------

_BEFORE = r"somewhere to the left of|somewhere ahead of|somewhere below|at some time before"
_AFTER = r"somewhere to the right of|somewhere behind|somewhere above|at some time after"
_JUST_BEFORE = r"directly to the left of|directly ahead of|directly below|immediately before"
_JUST_AFTER = r"directly to the right of|directly behind|directly above|immediately after"


def seating(q: str) -> Check | None:
    if "The following is known" not in q:
        return None
    people = re.findall(r"[A-Z]\w+", re.split(r" sit | finished | live | give ", q)[0])
    assert len(set(people)) == 5
    clues = re.findall(r"^\(\d\) (.*)\.$", q, re.MULTILINE)
    fitting = [
        order
        for order in permutations(people)
        if all(_holds(clue, {name: place for place, name in enumerate(order, 1)}) for clue in clues)
    ]
    assert len(fitting) == 1, (len(fitting), q)
    place = re.search(r"Who is \w+ \w+ (\d)\?$", q)
    return says([fitting[0][int(place[1]) - 1]] if place else list(fitting[0]), names_in(people))


def _holds(clue: str, at: dict[str, int]) -> bool:
    x, *others = [at[name] for name in re.findall(r"[A-Z]\w+", clue) if name in at]
    if found := re.search(r"is (not )?(?:in|on) \w+ (\d)$", clue):
        return (x == int(found[2])) != bool(found[1])
    if re.search(r"neither in first|neither on the|neither in the|at neither end", clue):
        return x not in (1, 5)
    if re.search(r"either in first|either on the|either in the|at one of the two ends", clue):
        return x in (1, 5)
    (y,) = others
    if re.search(_BEFORE, clue):
        return x < y
    if re.search(_AFTER, clue):
        return x > y
    if re.search(_JUST_BEFORE, clue):
        return y - x == 1
    if re.search(_JUST_AFTER, clue):
        return x - y == 1
    if found := re.search(r"is two (higher|lower) than", clue):
        return x - y == (2 if found[1] == "higher" else -2)
    assert "not next to each other" in clue, clue
    return abs(x - y) != 1


# --- functions --------------------------------------------------------------------------------------------------------

Reference = tuple[Callable[..., Any], Callable[[Random], tuple[Any, ...]]]


def functions(q: str) -> Check | None:
    found = re.search(r"^Write a Python function `(\w+)\(", q)
    if not found:
        return None
    reference, draw = _reference(q)
    example = re.findall(r"For example, `(.*)` returns `(.*)`\.$", q)[0]
    assert eval(example[0], {found[1]: reference}) == eval(example[1]), q
    rng = Random(1)
    tests = [draw(rng) for _ in range(120)]

    def right(response: str) -> bool:
        space: dict[str, Any] = {}
        exec(_code(response), space)
        return all(space[found[1]](*arguments) == reference(*arguments) for arguments in tests)

    return right


def _code(response: str) -> str:
    lines = response.split("\n")
    start = next(k for k, text in enumerate(lines) if text.startswith("def "))
    end = next((k for k in range(start + 1, len(lines)) if lines[k] and not lines[k].startswith(" ")), len(lines))
    rest = "\n".join(lines[end:]).strip()
    assert rest in ("", "```"), response  # the code is the end of the response
    return "\n".join(lines[start:end])


def _either(q: str, yes: str, no: str) -> bool:
    """Which of two rules the question states; exactly one it must be."""
    assert bool(re.search(yes, q, re.IGNORECASE)) != bool(re.search(no, q, re.IGNORECASE)), (yes, no, q)
    return bool(re.search(yes, q, re.IGNORECASE))


def _ints(low: int, high: int, least: int = 0, most: int = 8) -> Callable[[Random], list[int]]:
    return lambda rng: [rng.randrange(low, high) for _ in range(rng.randrange(least, most + 1))]


def _reference(q: str) -> Reference:
    (found,) = [made for spec in SPECS if (made := spec(q)) is not None]
    return found


def _between(q: str) -> Reference | None:
    if "lie in the range" not in q:
        return None
    rule = re.findall(r"to `high`\. (.*?)\. For example", q)[0].lower()
    ends = {
        "both `low` and `high` belong to the range": "both", "the range includes its two ends": "both",
        "`low` belongs to the range, `high` does not": "low", "the range includes `low` but not `high`": "low",
        "`high` belongs to the range, `low` does not": "high", "the range includes `high` but not `low`": "high",
        "neither `low` nor `high` belongs to the range": "", "the range includes neither of its ends": "",
    }[rule]  # fmt: skip

    def reference(values: list[int], low: int, high: int) -> int:
        inside = set(range(low + (ends not in ("low", "both")), high + (ends in ("high", "both"))))
        return len([value for value in values if value in inside])

    return reference, lambda rng: (_ints(0, 10)(rng), rng.randrange(1, 5), rng.randrange(5, 9))


def _keep_one(q: str) -> Reference | None:
    if "every different entry" not in q:
        return None
    first = _either(q, "the first one stays", "the last one stays")

    def reference(values: list[int]) -> list[int]:
        places = {value: place for place, value in (reversed if first else iter)(list(enumerate(values)))}
        return sorted(places, key=places.__getitem__)

    return reference, lambda rng: (_ints(1, 5)(rng),)


def _run(q: str) -> Reference | None:
    if "longest run of equal" not in q:
        return None
    first = _either(q, "the first of them counts", "the last of them counts")

    def reference(values: list[int]) -> int:
        runs, start = [], 0
        for _, group in groupby(values):
            size = len(list(group))
            runs.append((size, -start if first else start))
            start += size
        return abs(max(runs)[1])

    return reference, lambda rng: (_ints(1, 4, 1, 10)(rng),)


def _chunks(q: str) -> Reference | None:
    if "cuts the list" not in q:
        return None
    keep = _either(q, "form a shorter last list", "they are left out")

    def reference(values: list[int], size: int) -> list[list[int]]:
        rest, parts = list(values), []
        while len(rest) >= size:
            parts.append(rest[:size])
            rest = rest[size:]
        return [*parts, rest] if rest and keep else parts

    return reference, lambda rng: (_ints(1, 9)(rng), rng.randrange(1, 5))


def _rotate(q: str) -> Reference | None:
    if "moved round by" not in q:
        return None
    left = _either(q, "move to the left", "move to the right")
    return (
        lambda values, steps: [int(x) for x in np.roll(values, -steps if left else steps)],
        lambda rng: (_ints(1, 30, 1, 6)(rng), rng.randrange(0, 12)),
    )


def _moving(q: str) -> Reference | None:
    if "entries before it" not in q:
        return None
    full = _either(q, "are passed over", "takes those that there are")

    def reference(values: list[int], width: int) -> list[int]:
        sums = np.convolve(values, np.ones(width, dtype=int))[: len(values)]
        return [int(x) for x in (sums[width - 1 :] if full else sums)]

    return reference, lambda rng: (_ints(1, 20, 4, 8)(rng), rng.randrange(1, 5))


def _second(q: str) -> Reference | None:
    if "second largest entry" not in q:
        return None
    smaller = _either(q, "the next smaller number", "it is also the second largest")

    def reference(values: list[int]) -> int | None:
        if not values:
            return None
        rest = [x for x in values if x < max(values)] if smaller else sorted(values)[:-1]
        return max(rest, default=None)

    return reference, lambda rng: (_ints(3, 9)(rng),)


def _middle(q: str) -> Reference | None:
    if "entry in the middle" not in q:
        return None
    low = _either(q, "the smaller one is returned", "the larger one is returned")
    return (
        statistics.median_low if low else statistics.median_high,
        lambda rng: (rng.sample(range(50), rng.randrange(1, 8)),),
    )


def _ranking(q: str) -> Reference | None:
    if "from most to fewest points" not in q:
        return None
    backwards = _either(q, "in reverse alphabetical order", "in alphabetical order")

    def reference(pairs: list[tuple[str, int]]) -> list[str]:
        code = (lambda name: [-ord(c) for c in name]) if backwards else (lambda name: [ord(c) for c in name])
        return [name for name, _ in sorted(pairs, key=lambda pair: (-pair[1], code(pair[0])))]

    return reference, lambda rng: (
        [(name, rng.randrange(3)) for name in rng.sample(["Ana", "Bo", "Cy", "Di", "Ed"], 4)],
    )


def _tiers(q: str) -> Reference | None:
    if "price in cents" not in q:
        return None
    p, first_price, second_price = (
        number(r"costs (\d+) cents", q), number(r"first limit on (\d+)", q), number(r"second limit on (\d+)", q),
    )  # fmt: skip
    one, two = map(int, re.findall(r"(\d+) and (?:\D*?)(\d+) pieces", q)[0])
    over = _either(q, "more than|over", "reached with \\d|at least")

    def reference(n: int) -> int:
        return n * {0: p, 1: first_price, 2: second_price}[sum((n > x) if over else (n >= x) for x in (one, two))]

    return reference, lambda rng: (rng.choice((one, two, one + 1, two + 1, rng.randrange(1, 100))),)


def _letters(q: str) -> Reference | None:
    if "further on in the alphabet" not in q:
        return None
    sign = 1 if _either(q, "from a towards z", "from z towards a") else -1

    def reference(text: str, steps: int) -> str:
        return "".join(chr((ord(c) - 97 + sign * steps) % 26 + 97) if c.isalpha() else c for c in text)

    return reference, lambda rng: (rng.choice(("zebra", "abc xyz", "quay 12")), rng.randrange(26))


def _merge(q: str) -> Reference | None:
    if "overlapping ones are merged" not in q:
        return None
    touch = _either(q, "are merged too", "stay separate")

    def reference(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
        # On a line of unit cells and the points between them: a point is covered inside a range, or where two meet.
        cells = {cell for start, end in ranges for cell in range(start, end)}
        points = {point for start, end in ranges for point in range(start + 1, end)}
        if touch:
            points |= {point for point in cells if point - 1 in cells}
        starts = [cell for cell in sorted(cells) if cell not in points]
        ends = [cell + 1 for cell in sorted(cells) if cell + 1 not in points or cell + 1 not in cells]
        return list(zip(starts, ends, strict=True))

    def draw(rng: Random) -> tuple[list[tuple[int, int]]]:
        starts = [rng.randrange(0, 14) for _ in range(rng.randrange(0, 5))]
        return ([(start, start + rng.randrange(1, 6)) for start in starts],)

    return reference, draw


def _streak(q: str) -> Reference | None:
    if "daily step counts" not in q:
        return None
    goal = number(r"(\d+) steps", q)
    reach = _either(q, "at least|or more", "more than|over \\d")

    def reference(counts: list[int]) -> int:
        good = [x >= goal if reach else x > goal for x in counts]
        return max((len(list(group)) for key, group in groupby(good) if key), default=0)

    return reference, lambda rng: ([goal + rng.choice((-1, 0, 0, 1, 1)) for _ in range(rng.randrange(0, 9))],)


def _first_over(q: str) -> Reference | None:
    if "at which it stops" not in q:
        return None
    reach = _either(q, "is at least `limit`|has reached `limit`", "is more than `limit`|has exceeded `limit`")

    def reference(values: list[int], limit: int) -> int:
        sums = np.cumsum(values)
        return int(np.argmax(sums >= limit if reach else sums > limit)) if sums[-1] >= limit + (not reach) else -1

    return reference, lambda rng: (_ints(1, 9, 1, 6)(rng), rng.randrange(5, 25))


def _to_multiple(q: str) -> Reference | None:
    if "nearest multiple" not in q:
        return None
    step = number(r"nearest multiple of (\d+)", q)
    up = _either(q, "goes to the larger one|are rounded up", "goes to the smaller one|are rounded down")

    def reference(n: int) -> int:
        candidates = range(0, n + 2 * step, step)
        return min(candidates, key=lambda x: (abs(x - n), -x if up else x))

    return reference, lambda rng: (rng.choice((rng.randrange(200), step * rng.randrange(9) + step // 2)),)


SPECS = (
    _between, _keep_one, _run, _chunks, _rotate, _moving, _second, _middle, _ranking, _tiers, _letters, _merge, _streak,
    _first_over, _to_multiple,
)  # fmt: skip
SOLVERS = (
    posts, voucher, paint, pumps, line, packing, weekday, span, workdays, nth, flight, sessions, bus, overlap, league,
    runners, places, shelf, filtered, mean, gap, letters, words, multiples, digits, edits, venn, elements, seating,
    functions,
)  # fmt: skip
