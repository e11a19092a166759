"""Word problems with units: posts along a road, a discount and a voucher, paint, two pumps, a production line."""

from __future__ import annotations

from judgebench.verifiable.arithmetic import line, packing, paint, posts, pumps, voucher

KINDS = (
    posts.draw,
    voucher.draw,
    paint.draw,
    pumps.draw,
    line.draw,
    packing.draw,
)
