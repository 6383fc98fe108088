#!/usr/bin/env python3
"""Three slices of maps, one map beside the other: scripts/picture.py OUT.png TITLE=MAP.mrc ...

Needs Debian's python3-mrcfile and python3-matplotlib.
"""
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mrcfile


def main(output, *maps):
    figure, rows = plt.subplots(len(maps), 3, figsize=(9, 3 * len(maps)), squeeze=False)
    for row, item in zip(rows, maps):
        title, path = item.split("=", 1)
        with mrcfile.open(path, permissive=True) as file:
            axes_of_file = [int(file.header.maps), int(file.header.mapr), int(file.header.mapc)]
            # Maps whose axes stand in another order are shown like the others, [z, y, x].
            values = file.data.transpose([axes_of_file.index(axis) for axis in (3, 2, 1)])
        z, y, x = (n // 2 for n in values.shape)
        for axes, cut, name in zip(row, (values[z], values[:, y], values[:, :, x]), ("z", "y", "x")):
            axes.imshow(cut, cmap="gray", origin="lower", vmin=0, vmax=0.7 * values.max())
            axes.set_title(f"{title}, {name}")
            axes.set_axis_off()
    figure.tight_layout()
    figure.savefig(output, dpi=70)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
