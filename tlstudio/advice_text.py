"""A recommendation as a page of text: the four ways side by side, the layers' curve, the reason."""

from tlstudio.advising import Advice
from tlstudio.console import duration
from tlstudio.core.advice.measured import LayerScore
from tlstudio.core.advice.recommendation import ExtraPlan, Recommendation, Way
from tlstudio.core.advice.words import in_english, percent
from tlstudio.core.events import BakedOff, WayTried
from tlstudio.core.machine import in_words

CELL = 34  # characters of a quadrant
BAR = 30  # characters of a bar at 100 %
SHOWN_LAYERS = 24
NAME = 34  # characters of a layer's name


def advice_text(advice: Advice, baked: BakedOff | None = None) -> str:
    """The page. ``baked``: the bake-off, if there was one."""
    found, measured = advice.recommendation, advice.measured
    lines = [f"looked at {measured.images} training images in {advice.seconds:.1f} s", ""]
    lines += [_headline(found), in_english(found.reason), ""]
    lines += _quadrants(found.ways, found.strategy)
    lines += ["", *_curve(measured.layers, found.cut, measured.chance)]
    lines += ["", f"size: {found.size.verdict}. {in_english(found.size.evidence)}"]
    lines += [f"similarity: {found.similarity.score} of 100. {in_english(found.similarity.evidence)}"]
    against = [f"{way.strategy}: {in_english(way.against)}" for way in found.ways if way.against]
    if against:
        lines += ["", "against the others:", *against]
    if found.extras:
        lines += ["", "advanced (the plans are in --json):", *map(_extra_line, found.extras)]
    if baked is not None:
        lines += ["", "tried, each for the same time (validation images):", *map(_tried_line, baked.ways)]
    return "\n".join(lines)


def _headline(found: Recommendation) -> str:
    if found.way is None:
        return "no recommendation"
    where = f", with the new classifier on “{found.way.plan.cut}”" if found.way.plan.cut else ""
    return f"recommended: {found.strategy}{where}"


def _quadrants(ways: list[Way], chosen: str | None) -> list[str]:
    """``ways`` in the order of ``core.strategy.CASES``: columns are similar and dissimilar, rows small and large."""
    lines = [f"{'':7s}{'similar images':{CELL}s}{'dissimilar images'}"]
    for row, pair in (("few", (ways[0], ways[2])), ("many", (ways[1], ways[3]))):
        cells = [_cell(way, way.strategy == chosen) for way in pair]
        for number, (left, right) in enumerate(zip(*cells, strict=True)):
            lines.append(f"{row if not number else '':7s}{left:{CELL}s}{right}".rstrip())
    return lines


def _cell(way: Way, is_chosen: bool) -> list[str]:
    room = "" if way.fits else ", does not fit"
    return [
        ("★ " if is_chosen else "  ") + way.strategy,
        f"  about {percent(way.expected)} right",
        f"  {duration(way.seconds)}, {in_words(way.peak_bytes)}{room}",
    ]


def _extra_line(extra: ExtraPlan) -> str:
    room = "" if extra.fits else ", does not fit"
    return (
        f"{extra.kind}: {in_english(extra.reason)} About {percent(extra.expected)} right "
        f"({percent(extra.expected_low)} to {percent(extra.expected_high)}); "
        f"{duration(extra.seconds)}, {in_words(extra.peak_bytes)}{room}."
    )


def _curve(layers: list[LayerScore], star: str | None, chance: float) -> list[str]:
    shown = _shown(layers, star)
    lines = ["how well each layer's features tell the classes apart (★: the best place for a new classifier):"]
    for layer in shown:
        mark = "★" if layer.path == star else " "
        lines.append(
            f"{mark} {_short(layer.path)} {_bar(layer.score)} ({percent(layer.low)} to {percent(layer.high)})"
        )
    lines.append(f"  {'guessing':{NAME}s} {_bar(chance)}")
    if len(shown) < len(layers):
        lines.append(f"  {len(shown)} of {len(layers)} layers are shown (--json lists all)")
    return lines


def _bar(share: float) -> str:
    return f"{'█' * round(BAR * share):{BAR}s} {percent(share):>5s}"


def _short(path: str) -> str:
    """Its end tells more of a layer than its beginning."""
    return f"{path:{NAME}s}" if len(path) <= NAME else "…" + path[1 - NAME :]


def _shown(layers: list[LayerScore], star: str | None) -> list[LayerScore]:
    """Evenly spread over all where there are many; the first, the last and the starred one are among them."""
    if len(layers) <= SHOWN_LAYERS:
        return layers
    step = (len(layers) - 1) / (SHOWN_LAYERS - 1)
    places = {round(number * step) for number in range(SHOWN_LAYERS)}
    return [layer for place, layer in enumerate(layers) if place in places or layer.path == star]


def _tried_line(way: WayTried) -> str:
    if way.failed:
        return f"  {way.strategy:15s} failed ({way.failed})"
    return (
        f"  {way.strategy:15s} {percent(way.accuracy)} right ({percent(way.low)} to {percent(way.high)}, "
        f"{way.images} images), {way.epochs} epochs in {way.seconds:.0f} s"
    )
