"""Confidence intervals of measured accuracies.

The interval says where the true accuracy is: the one on endlessly many such images, of which the test has but a few. It
holds it in 95 of 100 cases. The accuracy on another test of the same size falls inside in about 83 of 100 only, because
both tests have their luck.
"""

import functools

CAPTION = (
    "In brackets, the 95 % confidence interval: in nineteen cases out of twenty such a range holds the true accuracy, "
    "the one on endlessly many images of this kind."
)


@functools.lru_cache(maxsize=1024)  # pages ask for the same few again and again
def wilson(correct: int, count: int) -> tuple[float, float]:
    """The 95 % Wilson confidence interval of a proportion: (low, high), each 0..1.

    Raises:
        ValueError: not 0 <= ``correct`` <= ``count``, or ``count`` is 0.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    from scipy.stats import binomtest

    if not 0 <= correct <= count or count < 1:
        raise ValueError(f"{correct} of {count} is not a proportion")
    interval = binomtest(correct, count).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def in_brief(correct: int, count: int) -> str:
    """An accuracy and its interval for a table, such as "95 % (93 to 97)"; ``CAPTION`` explains the interval."""
    low, high = (100 * end for end in wilson(correct, count))
    digits = 1 if high - low < 3 else 0
    return f"{100 * correct / count:.{digits}f}\u00a0% ({low:.{digits}f} to {high:.{digits}f})"


def in_words(correct: int, count: int) -> str:
    """An accuracy and its interval as text: "95 % (in the long run probably 92 to 97 %)"."""
    low, high = (100 * end for end in wilson(correct, count))
    digits = 1 if high - low < 3 else 0
    accuracy = f"{100 * correct / count:.{digits}f} %"
    return f"{accuracy} (in the long run probably {low:.{digits}f} to {high:.{digits}f} %)"
