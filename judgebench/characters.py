"""Characters that change how a text looks but not what it says: invisible ones, odd spaces, full-width twins."""

from __future__ import annotations

INVISIBLE = dict.fromkeys(
    (*(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
     *range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080))
)  # fmt: skip
"""Without width, or without a shape of their own; `str.translate` removes them."""
_LOOK_ALIKES: dict[int, str | None] = {
    **INVISIBLE,
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F), " "),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    **{ord(wide): narrow for wide, narrow in zip("【】〔〕『』「」《》。\u3000", '[][]"""""". ', strict=True)},
    ord("≫"): ">>",
    ord("≪"): "<<",
    **dict.fromkeys((ord("\r"), 0x85, 0x2028, 0x2029), "\n"),
}


def plain(text: str) -> str:
    """Without invisible characters; spaces of any width as one; full-width letters and brackets as their ASCII twins;
    lines end at newlines."""
    return text.replace("\r\n", "\n").translate(_LOOK_ALIKES)
