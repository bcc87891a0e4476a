"""Errors that a person can meet: a code, the facts, and one sentence that says what to do next.

The core and the engine raise them, the desktop translates the template (context ``Errors``), the command
line prints the English sentence. A template is looked up by its code, so that an error can travel over a
pipe as a code and its facts.
"""

from typing import Any

Facts = dict[str, str | int | float]


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802 (the name is what lupdate looks for)
    """Mark ``text`` for translation. The core has no Qt, so the mark is all that it can do."""
    return text


# code: (exit code of the command line, template). 2: the call or its input is bad; 1: the job failed.
TEMPLATES: dict[str, tuple[int, str]] = {
    "model_missing": (2, QT_TRANSLATE_NOOP("Errors", "There is no model file at “{path}”. Check the name and try again.")),
    "not_a_model": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” is not a model that TLStudio knows ({found}). Choose a file that a network was saved to: .h5, .hdf5, .keras, .caffemodel, or a SavedModel folder.")),
    "truncated_model": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” is damaged or was cut off while it was copied ({detail}). Copy it again from its source.")),
    "weights_only": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” holds only weights, without the description of the network. Name the network that they belong to (--architecture), or ask for the file written by model.save().")),
    "weights_missing": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” describes a network, but its weights are not beside it. Put the weights file (such as “{wanted}”) into the same folder, or open the weights file and name this one (--architecture).")),
    "architecture_unknown": (2, QT_TRANSLATE_NOOP("Errors", "“{name}” is neither a network of the catalogue nor a file that describes one. Networks with such names: {known}.")),
    "custom_model": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” holds a model of the self-written class {type}, whose structure is program code and not in the file. Ask for a functional or Sequential model.")),
    "lambda_layer": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” contains the Lambda layer “{layer}”, which is program code and was not run. Use the network up to the layer below it (--output {below}), or name what stands in for it (--replace {layer}=…).")),
    "stand_in_unknown": (2, QT_TRANSLATE_NOOP("Errors", "“{choice}” is nothing that the layer “{layer}” can be replaced by. Choose one of {known}, or scale:A,B for A·x + B.")),
    "output_unknown": (2, QT_TRANSLATE_NOOP("Errors", "The network has no layer “{layer}” that its output could be taken from. Look up the layers' names with “tlstudio inspect”.")),
    "several_inputs": (2, QT_TRANSLATE_NOOP("Errors", "This network takes {count} inputs; a classifier here takes one image input. It can be looked at, but not trained.")),
    "several_outputs": (2, QT_TRANSLATE_NOOP("Errors", "This network has the outputs {outputs}. Choose the one to use (--output).")),
    "reader_gave_up": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” could not be read: {detail}. It is damaged or was made to do harm; nothing in it was run.")),
    "unsupported_layer": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” uses the layer “{layer}” of type {type}, which TLStudio does not open. The part below it can be used (--output {below}).")),
    "caffe_network_missing": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” holds the weights of a Caffe network and not all of its description. Put its deploy.prototxt beside it, or name that file (--architecture).")),
    "caffe_weights_missing": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” describes a Caffe network, but its weights are not beside it. Put its .caffemodel there, or name that file (--architecture).")),
    "caffe_several": (2, QT_TRANSLATE_NOOP("Errors", "Several files could belong to “{path}”: {files}. Name the right one (--architecture).")),
    "caffe_input_unknown": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” does not say what size of images the network takes (its input is “{layer}” of type {type}; what it names is not looked up). Open its deploy.prototxt instead, or give the size (--input-size).")),
    "unsafe_model": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” was refused for safety: {found}. Nothing in it was run.")),
    "unreadable_network": (2, QT_TRANSLATE_NOOP("Errors", "The description of the network in “{path}” makes no sense: {detail}.")),
    "weights_mismatch": (2, QT_TRANSLATE_NOOP("Errors", "The weights stored in “{path}” do not fit its layers: {detail}.")),
    "not_image_classifier": (2, QT_TRANSLATE_NOOP("Errors", "This network is not an image classifier: {detail}. Open one that takes one image and gives class scores.")),
    "in_library": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” is in the model library already, as “{name}”. Nothing was copied.")),
    "not_in_library": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” is no model of the library; nothing was changed.")),
    "dataset_missing": (2, QT_TRANSLATE_NOOP("Errors", "There is no image folder at “{path}”. Check the name and try again.")),
    "dataset_empty": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” holds no images in class folders. Put each class's images into a folder named after the class.")),
    "group_by_invalid": (2, QT_TRANSLATE_NOOP("Errors", "“{pattern}” does not say which images belong together ({detail}). Write folder, or a regular expression such as patient_(\\d+).")),
    "group_by_slow": (2, QT_TRANSLATE_NOOP("Errors", "Searching for “{pattern}” in the images' names takes too long; it did not end in “{name}”. Write it without repeats within repeats: (\\w+)_ instead of (\\w+)+_.")),
    "table_unreadable": (2, QT_TRANSLATE_NOOP("Errors", "The table “{path}” cannot be read ({detail}).")),
    "table_columns": (2, QT_TRANSLATE_NOOP("Errors", "The columns of the table “{path}” do not tell images and classes: {detail}. Name them (--table-columns path=…,label=…); it has {columns}.")),
    "no_usable_images": (2, QT_TRANSLATE_NOOP("Errors", "None of the {images} images in “{path}” can be read. Look at the list of problems.")),
    "one_class": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” has only the class “{name}”. A classifier needs at least two class folders.")),
    "class_too_small": (2, QT_TRANSLATE_NOOP("Errors", "The class “{name}” has {images} usable images; it needs at least {needed}, one each to train, validate and test. Add images or remove the class.")),
    "class_without_training": (2, QT_TRANSLATE_NOOP("Errors", "The class “{name}” has {images} usable training images; it needs at least {needed}. Add images to its training folder.")),
    "class_not_known": (2, QT_TRANSLATE_NOOP("Errors", "The folder has the class “{name}”, which the trained classifier does not know. Its classes are: {classes}.")),
    "cut_unknown": (2, QT_TRANSLATE_NOOP("Errors", "The network has no layer “{layer}”. Layers that can be cut at: {legal}.")),
    "cut_illegal": (2, QT_TRANSLATE_NOOP("Errors", "The network cannot be cut at “{layer}”: {reason}")),
    "no_legal_cut": (2, QT_TRANSLATE_NOOP("Errors", "This network has no layer that it could be cut at below its classifier.")),
    "also_illegal": (2, QT_TRANSLATE_NOOP("Errors", "The head cannot be given the features of “{layer}”, too. Name a layer below “{cut}”, once, that is not the input, is used once in the network and gives a map or a vector of features.")),
    "also_needs_new_head": (2, QT_TRANSLATE_NOOP("Errors", "The model's own classifier takes the features below it and no others. Choose a new head to use those of “{layer}”, too.")),
    "layer_unknown": (2, QT_TRANSLATE_NOOP("Errors", "No layer below the cut matches “{pattern}”. Look up the layers' names with “tlstudio inspect”.")),
    "head_mismatch": (2, QT_TRANSLATE_NOOP("Errors", "The old head gives {outputs} classes, the image folder has {classes}. Choose a new head instead of keeping the old one.")),
    "head_invalid": (2, QT_TRANSLATE_NOOP("Errors", "“{spec}” does not describe a head. Write keep, none, or layer sizes such as 256,64.")),
    "nothing_to_train": (2, QT_TRANSLATE_NOOP("Errors", "Everything is frozen and there is no new head, so nothing would be trained. Unfreeze a layer or choose a new head.")),
    "solver_needs_fixed_features": (2, QT_TRANSLATE_NOOP("Errors", "L-BFGS fits a linear head on fixed features. Freeze all layers below the cut, choose a head without hidden layers and no augmentation, or train by gradient steps.")),
    "option_invalid": (2, QT_TRANSLATE_NOOP("Errors", "{option} cannot be {value}: {expected}.")),
    "plan_invalid": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” is not a valid TLStudio file: {detail}.")),
    "newer_file": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” was written by a newer TLStudio (format {version}). Open it with that version.")),
    "run_exists": (2, QT_TRANSLATE_NOOP("Errors", "The folder “{path}” exists already and is not empty. Choose a new one; nothing was overwritten.")),
    "export_exists": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” exists already. Choose another name, or say that it may be replaced (--overwrite).")),
    "preprocessing_unknown": (2, QT_TRANSLATE_NOOP("Errors", "Nothing says what pixel values the network in “{path}” takes. Say it (--preprocess).")),
    "run_missing": (2, QT_TRANSLATE_NOOP("Errors", "“{path}” is neither a finished run folder nor a model file.")),
    "run_unfinished": (2, QT_TRANSLATE_NOOP("Errors", "The run “{path}” has no checkpoint yet, so there is no trained model in it.")),
    "run_finished": (2, QT_TRANSLATE_NOOP("Errors", "The run “{path}” is complete; there is nothing left to resume.")),
    "run_without_state": (2, QT_TRANSLATE_NOOP("Errors", "The run “{path}” ended before its first checkpoint, so there is nothing to resume. Start it anew.")),
    "run_busy": (2, QT_TRANSLATE_NOOP("Errors", "The run “{path}” is going on in another window or command. Stop it there first.")),
    "run_inputs_changed": (2, QT_TRANSLATE_NOOP("Errors", "The run “{path}” cannot be resumed exactly: {what} changed since it began. Start a new run.")),
    "path_missing": (2, QT_TRANSLATE_NOOP("Errors", "There is no file or folder “{path}”.")),
    "no_images_given": (2, QT_TRANSLATE_NOOP("Errors", "None of the given paths holds an image that can be read.")),
    "no_test_images": (2, QT_TRANSLATE_NOOP("Errors", "The image folder has no test images to score the classifier on.")),
    "nothing_to_learn": (2, QT_TRANSLATE_NOOP("Errors", "Nothing can be learned here: no layer tells the classes apart better than guessing ({score} against {chance}). Look at your labels. To train all the same, choose a strategy by hand (--strategy).")),
    "no_model_open": (2, QT_TRANSLATE_NOOP("Errors", "Open a model first: drop a model file on the window.")),
    "no_dataset_open": (2, QT_TRANSLATE_NOOP("Errors", "Open an image folder first: drop a folder with one folder per class on the window.")),
    "folder_not_writable": (1, QT_TRANSLATE_NOOP("Errors", "“{path}” cannot be written to ({detail}). Choose another place.")),
    "disk_full": (1, QT_TRANSLATE_NOOP("Errors", "The disk that holds “{path}” is full. Free some space; the last good checkpoint was kept.")),
    "image_size_missing": (2, QT_TRANSLATE_NOOP("Errors", "The network takes images of any size. Choose the one to use (--input-size).")),
    "weights_not_finite": (1, QT_TRANSLATE_NOOP("Errors", "The layers {layers} of “{path}” hold values that are not numbers (NaN or infinite), so nothing can be computed with them. Ask for another copy, or cut the network below.")),
    "training_diverged": (1, QT_TRANSLATE_NOOP("Errors", "The loss is no longer a number in epoch {epoch}: the learning rate {rate} is too large. Choose one ten times smaller.")),
    "frozen_changed": (1, QT_TRANSLATE_NOOP("Errors", "Frozen layers changed while training ({layers}); the result was rejected. Please report this with the run folder.")),
    "trainable_mismatch": (1, QT_TRANSLATE_NOOP("Errors", "The layers set to train are not those of the plan ({layers}); nothing was trained. Please report this.")),
    "worker_lost": (1, QT_TRANSLATE_NOOP("Errors", "The calculation stopped unexpectedly ({detail}). The window is unharmed and what was reached is kept; resume the run, with smaller batches if memory was short.")),
    "worker_silent": (1, QT_TRANSLATE_NOOP("Errors", "The calculation has not answered for {seconds} seconds and was ended. What was reached is kept; resume the run.")),
    "job_lost": (1, QT_TRANSLATE_NOOP("Errors", "The calculation stopped unexpectedly ({detail}). Your files are unchanged; try again, with other programs closed if memory was short.")),
    "job_silent": (1, QT_TRANSLATE_NOOP("Errors", "The calculation has not answered for {seconds} seconds and was ended. Your files are unchanged; try again.")),
    "worker_unavailable": (1, QT_TRANSLATE_NOOP("Errors", "The calculation could not be started ({detail}). Run “tlstudio doctor” to see what is missing.")),
    "window_unavailable": (1, QT_TRANSLATE_NOOP("Errors", "The window cannot be opened ({detail}). The command line works without it: try “tlstudio --help”.")),
    "will_not_fit": (1, QT_TRANSLATE_NOOP("Errors", "Batches of {batch} would take about {needed} of memory, and {free} are free. Choose batches of {smaller}, or free memory.")),
    "memory_short": (1, QT_TRANSLATE_NOOP("Errors", "This network would take about {needed} of memory even with the smallest batch, and {free} are free. Freeze more layers, or free memory.")),
    "memory_ended": (1, QT_TRANSLATE_NOOP("Errors", "Only {free} of memory were left, and nothing came back. The run was saved; resume it when other programs have ended.")),
    "export_failed": (1, QT_TRANSLATE_NOOP("Errors", "This network cannot be written as {format} ({detail}). Choose another format; nothing was left behind.")),
    "export_differs": (1, QT_TRANSLATE_NOOP("Errors", "The {format} file that was written gives other probabilities than the run's own model (by up to {difference}), so it was not kept. Choose another format, and please report it.")),
    "export_memory": (1, QT_TRANSLATE_NOOP("Errors", "Writing this network as {format} would take about {needed} of memory, and {free} are free. Free memory, or choose another format.")),
    "out_of_memory": (1, QT_TRANSLATE_NOOP("Errors", "There is not enough memory for batches of {batch}. Choose a smaller batch size.")),
    "internal": (1, QT_TRANSLATE_NOOP("Errors", "Something unforeseen happened ({detail}). Your files are unchanged; please report it.")),
}  # fmt: skip


# Sentences for the same errors where one of their facts is empty.
VARIANTS: dict[tuple[str, str], str] = {
    ("lambda_layer", "below"): QT_TRANSLATE_NOOP("Errors", "“{path}” contains the Lambda layer “{layer}”, which is program code and was not run. No layer lies below it that could be used alone; name what stands in for it (--replace {layer}=…)."),
    ("unsupported_layer", "below"): QT_TRANSLATE_NOOP("Errors", "“{path}” uses the layer “{layer}” of type {type}, which TLStudio does not open. No layer lies below it that could be used alone."),
}  # fmt: skip


def template_of(code: str, facts: Facts) -> str:
    """The English template of an error's sentence, which its facts fill."""
    for (of, empty), template in VARIANTS.items():
        if of == code and facts.get(empty) == "":
            return template
    return TEMPLATES[code][1]


class TLStudioError(Exception):
    """An error with a code of ``TEMPLATES`` and the facts that fill its template.

    ``str(error)`` is the English sentence; ``exit_code`` is what the command line ends with.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        self.code = code
        self.facts: Facts = {k: v if isinstance(v, (str, int, float)) else str(v) for k, v in facts.items()}
        super().__init__(sentence(code, self.facts))

    @property
    def exit_code(self) -> int:
        return TEMPLATES[self.code][0]


def sentence(code: str, facts: Facts) -> str:
    """The English sentence of an error; every template of the table is filled by its facts alone."""
    return template_of(code, facts).format(**facts)
