"""States as the pages show them: a word, with a symbol and a colour besides."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Mark:
    """`tone` is the stylesheet's: success, warning, danger, info, or none; `symbol` is one of the theme's icon font."""

    word: str
    tone: str = ""
    symbol: str = ""

    def __html__(self) -> SafeString:
        symbol = format_html('<span class="material-symbols-outlined" aria-hidden="true">{}</span>', self.symbol) if self.symbol else ""
        return format_html('<span class="ls-mark {}">{}{}</span>', f"ls-{self.tone}" if self.tone else "", symbol, self.word)

    def __str__(self) -> str:
        return self.__html__()
