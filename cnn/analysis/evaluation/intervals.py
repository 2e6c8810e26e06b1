"""Confidence intervals of measured accuracies."""


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
    """An accuracy and its interval for a table, such as "95 % (93 to 97)"; the table explains the interval."""
    low, high = (100 * end for end in wilson(correct, count))
    digits = 1 if high - low < 3 else 0
    return f"{100 * correct / count:.{digits}f}\u00a0% ({low:.{digits}f} to {high:.{digits}f})"


def in_words(correct: int, count: int) -> str:
    """An accuracy and its interval as text: "95 % (with other test images: between 93 and 97 of 100)"."""
    low, high = (100 * end for end in wilson(correct, count))
    if high - low < 3:
        return f"{100 * correct / count:.1f} % (with other test images: between {low:.1f} and {high:.1f} of 100)"
    return f"{100 * correct / count:.0f} % (with other test images: between {low:.0f} and {high:.0f} of 100)"
