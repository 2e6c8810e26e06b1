"""The glossary: each term once, in plain words, as the professional term, and in one sentence. Used by tooltips too."""

from typing import NamedTuple


class Term(NamedTuple):
    """An entry: the plain words used on screen, the professional term, and its meaning."""

    plain: str
    word: str
    meaning: str


TERMS = (
    Term(
        "list of numbers in a grid",
        "tensor",
        "A block of numbers with one, two, three or more directions; a colour image has three.",
    ),
    Term(
        "shape of a block of numbers",
        "shape",
        "How many numbers there are in each direction, as in 32\u00a0×\u00a032\u00a0×\u00a03.",
    ),
    Term(
        "colour layers",
        "channels",
        "How many numbers describe each point: 1 for grey, 3 for red, green and blue, many inside a network.",
    ),
    Term("the kinds to tell apart", "classes", "The possible answers of a network, as in cat and dog."),
    Term("the right answer", "label", "The class that a person gave to an image."),
    Term("images to learn from", "training set", "The images the network learns from: its lessons."),
    Term(
        "practice exam",
        "validation set",
        "Images kept out of training, looked at after every pass to see how well the network does on new ones.",
    ),
    Term(
        "final exam",
        "test set",
        "Images that choose nothing. A network answers them once, when it has learned; its score stays sealed until "
        "its owner opens it.",
    ),
    Term(
        "one pass over all training images",
        "epoch",
        "After one epoch the network has seen every training image once.",
    ),
    Term(
        "handful of images looked at together",
        "batch",
        "The network corrects itself after each batch, not after each image.",
    ),
    Term(
        "how wrong",
        "loss",
        "One number that says how far the answers are from the right ones: smaller is better, and a confident "
        "wrong answer costs most.",
    ),
    Term("how often right", "accuracy", "The share of images whose class was named correctly."),
    Term(
        "what guessing gives",
        "chance level",
        "The accuracy of somebody who has not looked and always names the most frequent class: 10\u00a0% with ten "
        "equally common classes.",
    ),
    Term("memorising", "overfitting", "The network knows its training images and does worse on new ones."),
    Term("too simple to learn it", "underfitting", "The network does badly even on its training images."),
    Term(
        "numbers that are learned",
        "parameters",
        "The weights and biases that training changes (trainable), and a few that it only measures, such as the means "
        "of batch normalisation (non-trainable); a small network has tens of thousands, a large one billions.",
    ),
    Term("strength of a connection", "weight", "The number an input is multiplied by."),
    Term("number added at the end", "bias", "A learned number that is added to a sum, whatever the input."),
    Term(
        "small window that slides over the image",
        "convolution",
        "The same few weights are multiplied with every patch of the image, and each sum becomes one point of "
        "a new picture.",
    ),
    Term(
        "the window's numbers",
        "kernel",
        "The small grid of weights of a convolution, often 3\u00a0×\u00a03; also called a filter.",
    ),
    Term("picture of where something was found", "feature map", "What one filter answers at every place of the image."),
    Term("how many cells wide the window is", "size", "A window of size 3 looks at nine points at once."),
    Term("gaps in the window", "dilation", "How many points apart its cells are; 1 leaves none out."),
    Term("step of the window", "stride", "By how many points the window moves on; 2 halves each side."),
    Term("frame of zeros", "padding", "Zeros around the image, so that the window also reaches the edge."),
    Term(
        "keeping the strongest",
        "max pooling",
        "Of each 2 × 2 points only the largest stays: each side is halved, so a quarter of the points remains.",
    ),
    Term(
        "what one number can see",
        "receptive field",
        "The part of the image that can change one point of a feature map; it grows with every layer.",
    ),
    Term(
        "letting only positive numbers through",
        "ReLU",
        "Negative numbers become 0; without such a bend many layers would be no better than one.",
    ),
    Term("everything connected with everything", "dense layer", "Each output has a weight of its own for each input."),
    Term("scores before they become percentages", "logits", "The network's last numbers: any size, the largest wins."),
    Term("turning scores into percentages", "softmax", "Makes the scores positive and adds them up to 100 %."),
    Term(
        "which way to correct each number",
        "gradient",
        "For each weight: how the loss changes when the weight grows a little.",
    ),
    Term(
        "how big the corrections are",
        "learning rate",
        "Too small and learning takes for ever, too large and it jumps about.",
    ),
    Term(
        "how the corrections are made",
        "optimiser",
        "The rule that turns gradients into changes of the weights, as in Adam or RMSprop.",
    ),
    Term(
        "varied copies of the images",
        "augmentation",
        "Shifted, mirrored or turned copies, so that the network meets more kinds of images.",
    ),
    Term(
        "pulling weights towards zero",
        "weight decay",
        "After each correction every weight shrinks by a small fraction, so that only those that help stay large.",
    ),
    Term(
        "labels that are not quite certain",
        "label smoothing",
        "A small part of each label is spread over all classes, so that the network does not learn to be too sure.",
    ),
    Term(
        "two images laid over each other",
        "MixUp",
        "A weighted mean of two training images; the label is the same mean of their labels, as in 70\u00a0% cat.",
    ),
    Term(
        "a piece of one image in another",
        "CutMix",
        "A rectangle of one training image is replaced by that of another; the label is split as the area is.",
    ),
    Term(
        "switching neurons off at random",
        "dropout",
        "In training a random part of the numbers is set to 0, so that no neuron can be relied on alone.",
    ),
    Term(
        "keeping numbers in range",
        "batch normalisation",
        "Shifts and scales a layer's outputs so that the next layer meets numbers of about the same size.",
    ),
    Term(
        "starting from a trained network",
        "transfer learning",
        "A network trained on many images keeps its first layers, and only the last ones learn the new task.",
    ),
    Term("leaving layers as they are", "freezing", "Frozen layers work but do not learn."),
    Term("the part that has learned to see", "base", "The convolutions of a trained network, without its last layer."),
    Term("the part that decides", "head", "The last layer or layers: from what the base has seen to the classes."),
    Term(
        "what the base makes of one image",
        "feature volume",
        "The last maps of a base, one behind the other, as in 5 × 5 × 1,280 numbers.",
    ),
    Term(
        "letting part of the base learn as well",
        "fine-tuning",
        "Careful training of the last layers of a base, with a low learning rate, once the head has learned.",
    ),
    Term(
        "stopping when it gets no better",
        "early stopping",
        "Training ends when the result on the validation images has not improved for some epochs.",
    ),
    Term(
        "which classes are mixed up",
        "confusion matrix",
        "A table: one row for each actual class, one column for each predicted class.",
    ),
    Term(
        "same start every time",
        "seed",
        "The number that random choices start from: the same seed gives the same choices again.",
    ),
    Term(
        "where the evidence is",
        "heatmap",
        "A picture laid over the image: bright where the answer rests on it, as with Grad-CAM.",
    ),
    Term(
        "right as often as it says",
        "calibration",
        "A network is calibrated when, of 100 answers that it is 80\u00a0% sure of, 80 are right.",
    ),
    Term(
        "how well it copes with disturbances",
        "robustness",
        "How many answers stay right when the pictures get noisy, blurred, darker, turned or moved.",
    ),
    Term("the plan of a network", "architecture", "Which layers there are, in which order, and how large they are."),
)

_BY_WORD = {entry.word.lower(): entry for entry in TERMS}


def term(word: str) -> str:
    """Tooltip text for the professional term ``word``, for ``help=``.

    Raises:
        KeyError: the glossary has no such term.
    """
    entry = _BY_WORD[word.lower()]
    return f"**{entry.word}**: {entry.plain}. {entry.meaning}"
