"""Run all benchmarks of this folder, or those named, and print medians and ratios."""

import importlib
import sys

NAMES = (
    "pages",
    "gallery",
    "sliding",
    "feature_maps",
    "attribution",
    "augmentation",
    "throughput",
    "live_curves",
    "load",
    "memory",
    "uploads",
    "teach_your_own",
    "transfer",
    "cifar10",
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all of them; return 0, or 2 if a name is unknown."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. Choose of: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    for name in names or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        module.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
