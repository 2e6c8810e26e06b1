"""Whether one network is better than another on the same images, in a sentence: McNemar's test."""

from cnn.analysis.evaluation.comparison import Comparison, mcnemar_p_value


def describe_paired_test(comparison: Comparison, first: str, second: str) -> str:
    """The verdict on two networks, from the images on which only one of them is right.

    Args:
        comparison: of their answers to the same images.
        first: what the first network is called, as in "this one".
        second: what the second is called.
    """
    only_first, only_second = len(comparison.only_first), len(comparison.only_second)
    if only_first + only_second == 0:
        return "**There is no image on which only one of the two is right**: nothing tells which is better."
    return (
        f"**Of {only_first + only_second:,} images on which only one is right, {first} has {only_first:,} and {second} "
        f"{only_second:,}: {judge_paired_test(comparison)}.** Two equally good networks would differ as much or more "
        f"in {_per_hundred(comparison)} of 100 cases · McNemar's test. It judges these two networks, not their "
        "recipes: trained again, each would come out a little different."
    )


def describe_gain(comparison: Comparison) -> str:
    """The second network against the first, in brief, for a table: "+12, −5: may well be chance"."""
    gained, lost = len(comparison.only_second), len(comparison.only_first)
    return f"+{gained:,}, −{lost:,}: {judge_paired_test(comparison)}"


def judge_paired_test(comparison: Comparison) -> str:
    """Whether a difference may be chance, in two to five words."""
    p_value = _p_value(comparison)
    return (
        "unlikely to be chance" if p_value < 0.01 else "perhaps not chance" if p_value < 0.05 else "may well be chance"
    )


def _p_value(comparison: Comparison) -> float:
    return mcnemar_p_value(len(comparison.only_first), len(comparison.only_second))


def _per_hundred(comparison: Comparison) -> str:
    p_value = _p_value(comparison)
    return "under 0.1" if p_value < 0.001 else f"{100 * p_value:.1f}" if p_value < 0.1 else f"{100 * p_value:.0f}"
