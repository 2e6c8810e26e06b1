"""How exact an explanation is that adds many gradients up, in words."""

from cnn.analysis.attribution.integrated_gradients import LARGEST_GAP, IntegratedGradients
from cnn.analysis.attribution.smooth_gradients import LEAST_RELIABILITY, SmoothGradients


def describe_gap(result: IntegratedGradients) -> str:
    """What the contributions to the first image's score add up to, and by how much that misses what it gained."""
    total, gain, gap = float(result.maps[0].sum()), float(result.gains[0]), float(result.gaps[0])
    sentence = (
        f"**How exact it is.** All pixels together add up to {total:+.2f}. The score (from which the probability is "
        f"made) has changed by {gain:+.2f} on the way, in {result.steps[0]:,} steps. The gap is "
        f"{abs(total - gain):.2f}, or {100 * gap:.1f} %."
    )
    return sentence if gap <= LARGEST_GAP else f"{sentence} More steps would narrow it, and would take too long here."


def describe_noise(result: SmoothGradients) -> str:
    """How many noisy copies the first image's map is the mean of, and how much another map would be like it."""
    samples, reliability = int(result.samples[0]), float(result.reliabilities[0])
    sentence = (
        f"**How noisy it is.** This is the mean of {samples:,} copies. With {samples:,} others the picture would be "
        f"alike, but not the same: a correlation of about {reliability:.2f}, where 1 is the same."
    )
    if reliability >= LEAST_RELIABILITY:
        return sentence
    return f"{sentence} Trust the large patches, not the single points; more copies would take too long here."
