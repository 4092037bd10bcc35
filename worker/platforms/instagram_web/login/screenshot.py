"""Takes a picture of the page at which a login stopped, without the person's private data.

Fields and frames are covered, pictures are left out, and every word in the page's text that could belong to a code, a
number, an address or a name is covered. A page that cannot be covered for sure gives no picture at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from worker.platforms.instagram_web.login.page import has_session
from worker.platforms.instagram_web.site import selectors

_PATIENCE_SECONDS = 10.0
_QUALITY = 60
_COVER = "#3d4643"
# A frame is covered whole, because its contents are not searched.
_COVERED = 'input, textarea, select, [contenteditable], [role="textbox"], iframe, frame, object, embed'
_STYLE = f"""
{_COVERED}, img, picture, canvas, video, svg {{ visibility: hidden !important; }}
*, *::before, *::after {{ background-image: none !important; }}
*::before, *::after, *::marker {{ content: none !important; }}
"""
# Words are separated as a person reads them: within a block, whatever elements a word is made of.
_COVER_WORDS = r"""(secrets) => {
  const escaped = secrets.map((secret) => secret.replace(/[.*+?^${}()|[\]\\\/]/g, "\\$&"));
  const telling = String.raw`[\p{N}@*•·●∙＊＠]|:\/\/|\p{L}[._]\p{L}`;
  const covered = [telling, ...escaped].map((part) => new RegExp(String.raw`\S*(?:${part})\S*`, "giu"));
  const block = (node) => {
    let e = node.parentElement;
    while (e && /^(inline|contents)/.test(getComputedStyle(e).display)) e = e.parentElement;
    return e;
  };
  const texts = [];
  const roots = [document.body];
  for (const root of roots) {
    root.normalize();
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    let last;
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (node.shadowRoot) roots.push(node.shadowRoot);
      if (node.nodeName === "BR") last = undefined;
      if (node.nodeType !== Node.TEXT_NODE || node.parentElement?.closest("script, style, noscript")) continue;
      const here = block(node);
      if (here !== last) texts.push([]);
      last = here;
      texts.at(-1).push(node);
    }
  }
  for (const nodes of texts) {
    const text = nodes.map((node) => node.data).join("");
    const isCovered = new Uint8Array(text.length);
    const cover = (found) => isCovered.fill(1, found.index, found.index + found[0].length);
    for (const words of covered) [...text.matchAll(words)].forEach(cover);
    const isBetween = (gap) => isCovered[gap.index - 1] && isCovered[gap.index + gap[0].length];
    [...text.matchAll(/\s+/g)].filter(isBetween).forEach(cover);
    let start = 0;
    for (const node of nodes) {
      const end = start + node.data.length;
      let shown = "";
      for (let at = start; at < end; at += 1) {
        if (!isCovered[at]) shown += text[at];
        else if (!isCovered[at - 1]) shown += "█████";
      }
      node.data = shown;
      start = end;
    }
  }
}"""


async def take(context: BrowserContext, base_url: str, secrets: Sequence[str]) -> bytes | None:
    """The site's page as a JPEG with every secret covered, `secrets` included; the page is unusable afterwards.

    None without such a page, for a page of the account itself, or when the browser gave no picture in time.
    """
    site = urlsplit(base_url).netloc
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for page in reversed(context.pages):
                if urlsplit(page.url).netloc == site:
                    return await _taken(page, secrets)
    except (PlaywrightError, TimeoutError):
        return None
    return None


async def _taken(page: Page, secrets: Sequence[str]) -> bytes | None:
    await _hold_still(page)
    if not await _stands_in_the_way(page):
        return None
    await page.evaluate(_COVER_WORDS, [secret for secret in secrets if secret])
    return await page.screenshot(
        type="jpeg",
        quality=_QUALITY,
        scale="css",
        animations="disabled",
        mask=[page.locator(_COVERED)],
        mask_color=_COVER,
        style=_STYLE,
    )


async def _hold_still(page: Page) -> None:
    """Ends the page's scripts, loading and network, so that the picture shows the covered page."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Emulation.setScriptExecutionDisabled", {"value": True})
    await page.context.set_offline(True)
    await devtools.send("Page.stopLoading")


async def _stands_in_the_way(page: Page) -> bool:
    """Whether the page belongs to the login and not to the account, whose messages and people must not be pictured."""
    if selectors.place(page.url) in (selectors.Place.CODE, selectors.Place.STOP):
        return True
    return urlsplit(page.url).path.startswith(selectors.LOGIN_PATH.rstrip("/")) or not await has_session(page)
