"""Who holds what on this server: jobs, runs and own images of each workspace."""

from collections import defaultdict
from dataclasses import dataclass

from cnn.data.own import own_datasets
from cnn.free_space import folder_bytes
from cnn.jobs import queue


@dataclass
class Usage:
    """What a workspace holds; sizes in bytes.

    Attributes:
        runs: its runs that have ended, whatever their kind.
        run_bytes: of all its runs.
        own_sets: its sets of own images.
    """

    running: int = 0
    waiting: int = 0
    runs: int = 0
    run_bytes: int = 0
    own_sets: int = 0
    own_bytes: int = 0


def usage_by_workspace() -> dict[str, Usage]:
    """What each workspace that holds something holds, the largest first; "" is what nobody has taken yet."""
    usage: defaultdict[str, Usage] = defaultdict(Usage)
    for job in queue.jobs():
        of = usage[job.workspace]
        of.running += job.state == "running"
        of.waiting += job.state == "queued"
        of.runs += job.state not in queue.ACTIVE
        of.run_bytes += folder_bytes(job.folder)
    for workspace, (number, size) in own_datasets.bytes_by_workspace().items():
        usage[workspace].own_sets, usage[workspace].own_bytes = number, size
    return dict(sorted(usage.items(), key=lambda item: (-item[1].run_bytes - item[1].own_bytes, item[0])))
