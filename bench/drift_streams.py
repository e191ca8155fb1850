# SPDX-License-Identifier: MIT
"""Made streams of every kind of drift: drift_streams.STREAMS maps a name to what the stream is and to a function from a seed to its
rows and labels.

Pure Python, so that the same seed gives the same rows everywhere. The first three and the ninth have the shape of the streams of
Losing, Hammer, Wersing 2016, "KNN classifier with self adjusting memory for heterogeneous concept drift", ICDM, section V; AGRAWAL
is of Agrawal, Imielinski, Swami 1993, sine of Gama et al. 2004, STAGGER of Schlimmer, Granger 1986, LED of Breiman et al. 1984."""
import math
import random


class Cloud:
    """A normal distribution in the plane, of any direction and width."""

    def __init__(self, rng):
        self.center = rng.uniform(0, 10), rng.uniform(0, 10)
        angle = rng.uniform(0, math.pi)
        wide, narrow = rng.uniform(0.3, 0.8), rng.uniform(0.1, 0.4)
        self.axes = (wide * math.cos(angle), -narrow * math.sin(angle)), (wide * math.sin(angle), narrow * math.cos(angle))

    def draw(self, rng):
        a, b = rng.gauss(0, 1), rng.gauss(0, 1)
        return [c + p * a + q * b for c, (p, q) in zip(self.center, self.axes)]


def interchanging(seed, n=30_000, every=3000):
    rng = random.Random(seed)
    clouds = [Cloud(rng) for _ in range(15)]
    for i in range(n):
        if i and i % every == 0:
            rng.shuffle(clouds)
        label = rng.randrange(15)
        yield clouds[label].draw(rng), label


def squares(seed, n=20_000):
    """Four unit squares in a row, a unit apart, on the way to one end and back: a place changes its class after some 120 rows at
    the earliest."""
    rng = random.Random(seed)
    at, step = 0.0, 1.0 / 120
    for _ in range(n):
        at += step
        if not 0.0 <= at <= 10.0:
            step = -step
            at += 2 * step
        label = rng.randrange(4)
        yield [at + 2 * label + rng.random(), rng.random()], label


def chessboard(seed, n=20_000, field=250, whole=1000):
    """An 8 x 8 board of eight classes, shown field by field; after each four fields as a whole."""
    rng = random.Random(seed)
    colour = [(c * 3 + r * 5 + rng.randrange(8)) % 8 for r in range(8) for c in range(8)]
    fields = []
    i = 0
    while i < n:
        for part in range(5):
            if not fields:
                fields = rng.sample(range(64), 64)
            only = fields.pop() if part < 4 else None
            for _ in range(field if part < 4 else whole):
                at = rng.randrange(64) if only is None else only
                yield [at % 8 + rng.random(), at // 8 + rng.random()], colour[at]
                i += 1
                if i == n:
                    return


def mixed(seed, n=30_000):
    """The three side by side in the plane, at the same time."""
    rng = random.Random(seed)
    parts = [interchanging(seed, n), squares(seed + 100, n), chessboard(seed + 200, n)]
    for i in range(n):
        which = rng.randrange(3)
        x, label = next(parts[which])
        yield [x[0] + 30 * which, x[1]], label


def moving_centroids(seed, n=20_000, speed=0.001):
    """Fifty spheres of five classes in ten dimensions, each on its straight way, which turns back at the walls."""
    rng = random.Random(seed)
    centers = [[rng.random() for _ in range(10)] for _ in range(50)]
    ways = []
    for _ in centers:
        way = [rng.gauss(0, 1) for _ in range(10)]
        length = math.sqrt(sum(w * w for w in way))
        ways.append([speed * w / length for w in way])
    for _ in range(n):
        for center, way in zip(centers, ways):
            for j in range(10):
                center[j] += way[j]
                if not 0 <= center[j] <= 1:
                    way[j] = -way[j]
                    center[j] += 2 * way[j]
        which = rng.randrange(50)
        off = [rng.gauss(0, 1) for _ in range(10)]
        length = math.sqrt(sum(o * o for o in off)) / (rng.gauss(0, 1) * 0.07)
        yield [c + o / length for c, o in zip(centers[which], off)], which % 5


def hyperplane(seed, n=20_000, magnitude=0.001, noise=0.05):
    rng = random.Random(seed)
    w = [rng.random() for _ in range(10)]
    way = [1.0] * 10
    for _ in range(n):
        x = [rng.random() for _ in range(10)]
        label = sum(a * b for a, b in zip(w, x)) >= 0.5 * sum(w)
        for j in range(10):
            w[j] += magnitude * way[j]
            if rng.random() < 0.01:
                way[j] = -way[j]
        yield x, int(label != (rng.random() < noise))


def applicant(rng):
    """AGRAWAL's row: salary, commission, age, education, car, zip code, house value, years, loan; the codes are numbers."""
    salary = rng.uniform(20_000, 150_000)
    commission = 0.0 if salary >= 75_000 else rng.uniform(10_000, 75_000)
    zip_code = rng.randrange(9)
    return [salary, commission, float(rng.randint(20, 80)), float(rng.randrange(5)), float(rng.randint(1, 20)), float(zip_code),
            (9 - zip_code) * 100_000 * rng.uniform(0.5, 1.5), float(rng.randint(1, 30)), rng.uniform(0, 500_000)]


def good_by_age(x):
    return x[2] < 40 or x[2] >= 60


def good_by_salary(x):
    low, high = (50_000, 100_000) if x[2] < 40 else (75_000, 125_000) if x[2] < 60 else (25_000, 75_000)
    return low <= x[0] <= high


def good_by_education(x):
    return x[3] in ((0, 1) if x[2] < 40 else (1, 2, 3) if x[2] < 60 else (2, 3, 4))


def good_by_means(x):
    return 0.67 * (x[0] + x[1]) - 5000 * x[3] - 0.2 * x[8] - 10_000 > 0


def agrawal(seed, width, n=20_000, noise=0.05):
    """Four functions, each of a quarter of the rows; `width`: rows in which one takes the place of the one before."""
    rng = random.Random(seed)
    functions = [good_by_salary, good_by_education, good_by_age, good_by_means]
    for i in range(n):
        x = applicant(rng)
        at = i + (rng.random() - 0.5) * width
        label = functions[min(3, max(0, int(at * 4 / n)))](x)
        yield x, int(label != (rng.random() < noise))


def recurring_sine(seed, n=20_000, every=2000):
    """Below a sine, below a line, and both turned round: sine 1 to 4, which come back in this order."""
    rng = random.Random(seed)
    for i in range(n):
        concept = i // every % 4
        a, b = rng.random(), rng.random()
        below = b < 0.5 + 0.3 * math.sin(3 * math.pi * a) if concept < 2 else a < b
        yield [a, b, rng.random(), rng.random()], int(below != (concept % 2 == 1))


def stagger(seed, n=10_000, every=1000):
    """Nominal features of three values; three concepts that come back."""
    rng = random.Random(seed)
    for i in range(n):
        size, colour, shape = rng.randrange(3), rng.randrange(3), rng.randrange(3)
        concept = i // every % 3
        label = (size == 0 and colour == 0) if concept == 0 else (colour == 1 or shape == 1) if concept == 1 else size > 0
        yield [float(size), float(colour), float(shape)], int(label)


def outdoor(seed, n_classes=40, visits=10, length=10):
    """Few rows of many classes: each visit shows an object for ten rows, in a light of its own."""
    rng = random.Random(seed)
    objects = [[rng.random() for _ in range(21)] for _ in range(n_classes)]
    for _ in range(visits):
        for label in rng.sample(range(n_classes), n_classes):
            light = [rng.gauss(0, 0.12) for _ in range(21)]
            for _ in range(length):
                yield [o + l + rng.gauss(0, 0.04) for o, l in zip(objects[label], light)], label


def many(seed, n=4000):
    """Forty classes of three clouds each in 21 features; half of them change place in the middle."""
    rng = random.Random(seed)
    clouds = [[[rng.random() for _ in range(21)] for _ in range(3)] for _ in range(40)]
    for i in range(n):
        if i == n // 2:
            clouds[:20] = clouds[10:20] + clouds[:10]
        label = rng.randrange(40)
        yield [c + rng.gauss(0, 0.2) for c in rng.choice(clouds[label])], label


def short(seed, n=1600):
    """Four typists, ten features; every 200 rows their ways have moved a little."""
    rng = random.Random(seed)
    typists = [[rng.gauss(0, 1) for _ in range(10)] for _ in range(4)]
    for i in range(n):
        if i % 200 == 0:
            typists = [[t + rng.gauss(0, 0.35) for t in typist] for typist in typists]
        label = rng.randrange(4)
        yield [t + rng.gauss(0, 0.6 + 0.05 * j) for j, t in enumerate(typists[label])], label


def led(seed, n=20_000, noise=0.1):
    """Ten digits of seven lamps, each wrong at times, among 17 that mean nothing; four times lamps change place with some of
    those."""
    rng = random.Random(seed)
    digits = ["1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011"]
    place = list(range(24))
    for i in range(n):
        if i and i % (n // 5) == 0:
            for a, b in zip(rng.sample(range(7), 3), rng.sample(range(7, 24), 3)):
                place[a], place[b] = place[b], place[a]
        label = rng.randrange(10)
        x = [0.0] * 24
        for j in range(24):
            lit = rng.random() < 0.5 if j >= 7 else (digits[label][j] == "1") != (rng.random() < noise)
            x[place[j]] = float(lit)
        yield x, label


def prior(seed, n=20_000):
    """Five overlapping classes whose shares go round, and labels that are wrong at times, in the second half more often."""
    rng = random.Random(seed)
    centers = [[rng.gauss(0, 1) for _ in range(6)] for _ in range(5)]
    for i in range(n):
        shares = [1.05 + math.sin(2 * math.pi * (i / 5000 + c / 5)) for c in range(5)]
        label = rng.choices(range(5), shares)[0]
        x = [c + rng.gauss(0, 1) for c in centers[label]]
        yield x, rng.randrange(5) if rng.random() < (0.05 if i < n // 2 else 0.15) else label


STREAMS = {
    "interchanging": ("sudden: fifteen clouds of as many classes change place", interchanging),
    "squares": ("incremental: four squares that move", squares),
    "chessboard": ("virtual and recurring: a board of eight classes, by fields and as a whole", chessboard),
    "mixed": ("sudden, incremental and virtual side by side, 15 classes", mixed),
    "centroids": ("slow, incremental: fifty spheres that move, 5 classes", moving_centroids),
    "hyperplane": ("slow, incremental: a plane that turns, 5 % noise", hyperplane),
    "agrawal": ("sudden: numbers and categories, 5 % noise", lambda seed: agrawal(seed, 0)),
    "gradual": ("gradual: the same over 3,000 rows", lambda seed: agrawal(seed, 3000)),
    "sine": ("recurring: four concepts in turn", recurring_sine),
    "stagger": ("recurring: three concepts of categories", stagger),
    "led": ("sudden: lamps change place among 24, 10 classes, noise", led),
    "prior": ("label shares that go round, noise that grows", prior),
    "outdoor": ("40 classes, 21 features, 4,000 rows that come in visits of ten", outdoor),
    "many": ("40 classes, 21 features, 4,000 rows, a sudden change", many),
    "short": ("1,600 rows, 4 classes, eight small steps", short),
}
