"""Debian's Chromium, as the tests and the pictures start it."""

CHROMIUM = "/usr/bin/chromium"
# Software WebGL, and nothing that would call home.
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]
