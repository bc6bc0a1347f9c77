"""How the disk image looks when it is opened: the app on the left, the folder of applications on the right.

dmgbuild runs this, with `defines` and reads the names below; the places are those of background.svg.
"""

import os.path

app = defines["app"]  # noqa: F821
files = [app]
symlinks = {"Applications": "/Applications"}
# background@2x.png, beside it, is taken for screens of high resolution.
background = os.path.join("packaging", "macos", "background.png")
format = "ULFO"
window_rect = ((200, 160), (640, 400))
icon_size = 128
text_size = 13
icon_locations = {os.path.basename(app): (170, 190), "Applications": (470, 190)}
