"""What advice says: a code, the facts, and one sentence. The desktop translates them (context ``Advice``)."""

from typing import Any

import msgspec

from tlstudio.core.errors import QT_TRANSLATE_NOOP, Facts

TEMPLATES: dict[str, str] = {
    "nothing_to_learn": QT_TRANSLATE_NOOP("Advice", "Nothing can be learned here: no layer tells the classes apart better than guessing ({score} against {chance}). Look at your labels."),
    "hardly_above_guessing": QT_TRANSLATE_NOOP("Advice", "That is hardly more than guessing ({chance}): look at your labels, or bring more images."),
    "curve_rises": QT_TRANSLATE_NOOP("Advice", "Features get better up to the top of the network: its upper third brings {share} of what they tell about your classes."),
    "curve_is_flat": QT_TRANSLATE_NOOP("Advice", "The upper third of the network brings only {share} of what its features tell about your classes, so its upper layers know little of them."),
    "classifier_tells": QT_TRANSLATE_NOOP("Advice", "Its old classifier tells your images apart: it says {share} of what it could say about them."),
    "classifier_is_vague": QT_TRANSLATE_NOOP("Advice", "Its old classifier has little to say about your images: {share} of what it could say."),
    "shapes_are_known": QT_TRANSLATE_NOOP("Advice", "It finds your images more familiar than the same images with their parts shuffled, so it knows shapes like theirs."),
    "shapes_are_unknown": QT_TRANSLATE_NOOP("Advice", "It finds your images no more familiar than the same images with their parts shuffled, so their shapes mean little to it."),
    "activations_are_usual": QT_TRANSLATE_NOOP("Advice", "Its layers react to your images as they did to those that it was trained on (distance {distance})."),
    "activations_are_unusual": QT_TRANSLATE_NOOP("Advice", "Its layers react to your images unlike they did to those that it was trained on (distance {distance})."),
    "no_signs": QT_TRANSLATE_NOOP("Advice", "The network gives no sign of how familiar your images are."),
    "images_are_grey": QT_TRANSLATE_NOOP("Advice", "Your images have no colours, and the network was trained on colour images."),
    "images_are_small": QT_TRANSLATE_NOOP("Advice", "Your images are about {times} times smaller than what the network takes, so they look blurred to it."),
    "images_per_class": QT_TRANSLATE_NOOP("Advice", "There are {images} training images in {classes} classes, about {each} a class."),
    "weights_to_learn": QT_TRANSLATE_NOOP("Advice", "The four ways have between {least} and {most} numbers to learn from them."),
    "doubling_helps": QT_TRANSLATE_NOOP("Advice", "Twice as many images would bring the fixed features from about {now} to about {then} right."),
    "doubling_does_little": QT_TRANSLATE_NOOP("Advice", "Twice as many images would hardly help the fixed features: from about {now} to about {then} right."),
    "found_small_similar": QT_TRANSLATE_NOOP("Advice", "You have few images ({images}, about {each} a class), and they are similar to what the network knows (similarity {score} of 100)."),
    "found_large_similar": QT_TRANSLATE_NOOP("Advice", "You have many images ({images}, about {each} a class), and they are similar to what the network knows (similarity {score} of 100)."),
    "found_small_dissimilar": QT_TRANSLATE_NOOP("Advice", "You have few images ({images}, about {each} a class), and they are unlike what the network knows (similarity {score} of 100)."),
    "found_large_dissimilar": QT_TRANSLATE_NOOP("Advice", "You have many images ({images}, about {each} a class), and they are unlike what the network knows (similarity {score} of 100)."),
    "said_small_similar": QT_TRANSLATE_NOOP("Advice", "You have few images ({images}, about {each} a class), and by your own word they are similar to what the network knows (measured similarity: {score} of 100)."),
    "said_small_dissimilar": QT_TRANSLATE_NOOP("Advice", "You have few images ({images}, about {each} a class), and by your own word they are unlike what the network knows (measured similarity: {score} of 100)."),
    "said_large_similar": QT_TRANSLATE_NOOP("Advice", "You have many images ({images}, about {each} a class), and by your own word they are similar to what the network knows (measured similarity: {score} of 100)."),
    "said_large_dissimilar": QT_TRANSLATE_NOOP("Advice", "You have many images ({images}, about {each} a class), and by your own word they are unlike what the network knows (measured similarity: {score} of 100)."),
    "choose_features": QT_TRANSLATE_NOOP("Advice", "The trained network should stay as it is, with only a new classifier on its features; it is expected to be right on about {expected} of new images."),
    "choose_finetune": QT_TRANSLATE_NOOP("Advice", "Its upper layers should be tuned gently together with a new classifier; this is expected to be right on about {expected} of new images, against {fixed} with the network left as it is."),
    "choose_lower_features": QT_TRANSLATE_NOOP("Advice", "A new classifier should sit on its lower layers, at “{cut}”, before they become too special; it is expected to be right on about {expected} of new images, against {fixed} on the upper layers."),
    "choose_init": QT_TRANSLATE_NOOP("Advice", "Its trained weights should serve as the starting point, and the whole network be trained; this is expected to be right on about {expected} of new images, against {fixed} with the network left as it is."),
    "choose_several_layers": QT_TRANSLATE_NOOP("Advice", "A new classifier on the features of {count} layers at once tells your classes apart better than on those of any single layer: {score} of your images were right, against {best} at “{over}”; the difference lies between {least} and {most}."),
    "choose_one_block": QT_TRANSLATE_NOOP("Advice", "Between “{before}” and “{after}” features lose what they tell about your classes: {high} of your images are right below this block, {low} above it. Only its layers ({count}) are tuned, together with a new classifier; all others stay as they are."),
    "does_not_fit": QT_TRANSLATE_NOOP("Advice", "It needs about {needed} of memory, more than this machine has free."),
    "expects_less": QT_TRANSLATE_NOOP("Advice", "It is expected to be right on about {expected} of new images, against {best} of the recommended way."),
    "takes_longer": QT_TRANSLATE_NOOP("Advice", "It takes about {times} times as long as the recommended way."),
    "may_overfit": QT_TRANSLATE_NOOP("Advice", "With about {each} images a class, many free layers may learn the images by heart."),
    "upper_layers_are_special": QT_TRANSLATE_NOOP("Advice", "The upper layers, whose features it uses, were made for images unlike yours."),
    "upper_layers_serve": QT_TRANSLATE_NOOP("Advice", "It gives up the upper layers, which serve images like yours well."),
    "forgets_what_serves": QT_TRANSLATE_NOOP("Advice", "It changes all layers, also those that serve images like yours well."),
    "no_better": QT_TRANSLATE_NOOP("Advice", "Nothing much: it is expected to do as well as the recommended way ({best} right), which is simpler."),
    "lint_rate": QT_TRANSLATE_NOOP("Advice", "A learning rate of {rate} is large for layers that know something already; it may tear what they know."),
    "fix_rate": QT_TRANSLATE_NOOP("Advice", "Use {rate}"),
    "lint_normalization": QT_TRANSLATE_NOOP("Advice", "{count} normalization layers are free to change, and batches of {size} images are too small for their statistics."),
    "fix_normalization": QT_TRANSLATE_NOOP("Advice", "Keep them frozen"),
    "lint_few_to_tune": QT_TRANSLATE_NOOP("Advice", "{layers} layers are free to change, with {images} training images: they would learn the images by heart."),
    "fix_freeze_all": QT_TRANSLATE_NOOP("Advice", "Freeze all of them"),
    "lint_head_first": QT_TRANSLATE_NOOP("Advice", "Layers are tuned under a new classifier that knows nothing yet, which would disturb them."),
    "fix_head_first": QT_TRANSLATE_NOOP("Advice", "Let the classifier settle first"),
    "lint_head": QT_TRANSLATE_NOOP("Advice", "The new classifier has {numbers} numbers to learn from {images} training images."),
    "fix_head": QT_TRANSLATE_NOOP("Advice", "Use a single layer"),
    "lint_leak": QT_TRANSLATE_NOOP("Advice", "{count} pictures are in training and in the test, or nearly so: the score would be too good."),
    "lint_conflict": QT_TRANSLATE_NOOP("Advice", "{count} pictures are in two classes, or nearly so."),
    "fix_leak": QT_TRANSLATE_NOOP("Advice", "Keep them out of the test"),
    "fix_leave_out": QT_TRANSLATE_NOOP("Advice", "Leave them out"),
    "lint_imbalance": QT_TRANSLATE_NOOP("Advice", "Some classes have far fewer images than others, and would hardly count."),
    "fix_weights": QT_TRANSLATE_NOOP("Advice", "Weigh the classes alike"),
    "lint_unvalidated": QT_TRANSLATE_NOOP("Advice", "{count} classes have no validation images, the first is “{name}”: nobody would see whether they are learned."),
    "fix_split": QT_TRANSLATE_NOOP("Advice", "Validate on a fifth"),
    "lint_monitor": QT_TRANSLATE_NOOP("Advice", "With {images} validation images the accuracy moves in large steps; the loss is the steadier judge."),
    "fix_monitor": QT_TRANSLATE_NOOP("Advice", "Watch the loss"),
    "lint_batch": QT_TRANSLATE_NOOP("Advice", "A batch of {size} is larger than the training set of {images}: each epoch would be a single step."),
    "fix_batch": QT_TRANSLATE_NOOP("Advice", "Use {size}"),
    "lint_scaling": QT_TRANSLATE_NOOP("Advice", "Pixels are given as “{mode}”, but the network was trained on “{known}”."),
    "fix_scaling": QT_TRANSLATE_NOOP("Advice", "Use “{known}”"),
    "lint_views": QT_TRANSLATE_NOOP("Advice", "Images are changed anew in each epoch, so that the frozen layers are computed in each epoch again."),
    "fix_views": QT_TRANSLATE_NOOP("Advice", "Keep {views} versions of each"),
    "lint_cut": QT_TRANSLATE_NOOP("Advice", "The features at “{cut}” tell your classes apart worse than those at “{best}”."),
    "fix_cut": QT_TRANSLATE_NOOP("Advice", "Cut at “{best}”"),
}  # fmt: skip


class Remark(msgspec.Struct, frozen=True):
    """``facts`` fill the template of ``code``; shares are written out already, such as 87 %."""

    code: str
    facts: Facts = {}

    @property
    def english(self) -> str:
        return TEMPLATES[self.code].format(**self.facts)


def remark(code: str, **facts: Any) -> Remark:
    """One of ``TEMPLATES``, which must be filled by the facts alone."""
    made = Remark(code, {k: v if isinstance(v, (str, int, float)) else str(v) for k, v in facts.items()})
    made.english  # noqa: B018 (a fact that is missing is found where it was forgotten)
    return made


def in_english(remarks: list[Remark]) -> str:
    return " ".join(remark.english for remark in remarks)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"
