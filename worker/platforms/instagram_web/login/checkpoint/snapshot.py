"""A snapshot of a checkpoint's page as a person sees it: its fields, choices, buttons and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

CHOICES = 'input[type="radio"], [role="radio"]'
BUTTONS = 'button, [role="button"], input[type="submit"], a, [role="link"]'
FIELDS = 'input:not([type="radio"]):not([type="checkbox"]):not([type="hidden"]):not([type="submit"]), textarea'
_LOOK = """([choices, buttons, fields]) => {
  const isVisible = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const label = (e) => [
    e.getAttribute("aria-label"), e.getAttribute("placeholder"), ...[...(e.labels ?? [])].map((l) => l.innerText),
    e.innerText, e.type === "submit" ? e.value : "",
  ].filter(Boolean).join(" ").trim();
  const all = (selector) => [...document.querySelectorAll(selector)];
  const places = (selector) => all(selector).map((e, place) => [e, place]);
  return {
    ready: document.readyState === "complete",
    text: (document.body?.innerText ?? "").slice(0, 6000),
    fields: all(fields).filter((e) => isVisible(e) || e.type === "file").map((e) => ({
      type: (e.type ?? "").toLowerCase(), name: e.name ?? "", autocomplete: e.getAttribute("autocomplete") ?? "",
      inputmode: e.getAttribute("inputmode") ?? "", label: label(e),
    })),
    choices: places(choices).map(([e, place]) => ({
      place, label: label(e), checked: e.checked === true || e.getAttribute("aria-checked") === "true",
    })),
    buttons: places(buttons).filter(([e]) => isVisible(e)).map(([e, place]) => ({
      place, label: label(e), disabled: e.disabled === true || e.getAttribute("aria-disabled") === "true",
    })),
    frames: all("iframe").filter(isVisible).map((e) => `${e.title} ${e.src.split("?")[0]}`),
    captcha: all(".g-recaptcha, .h-captcha, [data-sitekey]").some((e) => e.dataset.size !== "invisible"),
  };
}"""


@dataclass(frozen=True, slots=True)
class Field:
    """An input field; `type` as in HTML."""

    type: str = "text"
    name: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several choices; `place` is its number among all that match `CHOICES`."""

    place: int
    label: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button or a link; `place` is its number among all that match `BUTTONS`."""

    place: int
    label: str
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The contents of a page. `path` may hold the checkpoint's secret; `frames` are titles and addresses."""

    path: str = field(repr=False)
    text: str = field(default="", repr=False)
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    buttons: tuple[Button, ...] = ()
    frames: tuple[str, ...] = ()
    has_captcha: bool = False
    is_ready: bool = True


async def look(page: Page) -> Shown | None:
    """The page's present contents; None while it changes to another. Raises Playwright's error when it is gone."""
    try:
        seen: dict[str, Any] = await page.evaluate(_LOOK, [CHOICES, BUTTONS, FIELDS])
    except PlaywrightError:
        if page.is_closed():
            raise
        return None
    return Shown(
        path=urlsplit(page.url).path,
        text=seen["text"],
        fields=tuple(Field(**one) for one in seen["fields"]),
        choices=tuple(Choice(**one) for one in seen["choices"]),
        buttons=tuple(Button(**one) for one in seen["buttons"]),
        frames=tuple(seen["frames"]),
        has_captcha=seen["captcha"],
        is_ready=seen["ready"],
    )
