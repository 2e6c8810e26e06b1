"""The pages in lesson order; menu, Home and each page's link to the next are generated from this table."""

from typing import NamedTuple


class Lesson(NamedTuple):
    """A page: its group in the menu ("" for none), its title, its file and the question it asks."""

    group: str
    title: str
    file: str
    question: str


_LESSONS = (
    Lesson("", "Home", "home.py", "Where do we begin?"),
    Lesson("See", "Images", "images.py", "What does the network learn from?"),
    Lesson("See", "Convolution", "convolution.py", "How does a network find an edge?"),
    Lesson("See", "Augmentation", "augmentation.py", "Can it learn more from the pictures it has?"),
    Lesson("Build", "Dense or convolutional?", "dense_or_convolutional.py", "Why not just connect everything?"),
    Lesson("Build", "Architecture", "architecture.py", "What is a network made of?"),
    Lesson("Build", "Training", "training.py", "How does it get better?"),
    Lesson("Look inside", "Feature maps", "feature_maps.py", "What does every layer see in a picture?"),
    Lesson("Look inside", "Time machine", "time_machine.py", "How did it become what it is?"),
    Lesson("Look inside", "Explanations", "explanations.py", "Which part of the picture made it say that?"),
    Lesson("Look inside", "Evaluation", "evaluation.py", "How good is it really?"),
    Lesson("Use", "Predict", "predict.py", "What does it make of my own photo?"),
    Lesson("Use", "Teach your own", "teach_your_own.py", "Can you teach it your own things?"),
    Lesson("Use", "Transfer learning", "transfer_learning.py", "Can it use what another has learned?"),
    Lesson("Use", "Models", "models.py", "Which networks are there, and how good are they?"),
)


def all_lessons() -> list[Lesson]:
    """All pages of the menu, in order."""
    return list(_LESSONS)


def next_lesson(title: str) -> Lesson | None:
    """The lesson after the one that is called ``title``; None after the last, and for what is no lesson."""
    lessons = [lesson for lesson in all_lessons() if lesson.group]
    titles = [lesson.title for lesson in lessons]
    return dict(zip(titles, lessons[1:], strict=False)).get(title)
