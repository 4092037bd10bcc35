"""Draws a page of more than 64 MB in the worker's browser and says how large its picture is; run as a process."""

import asyncio
import struct

from tests.worker.instagram import settings_for
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession

SIDE = 5000


async def drawn() -> tuple[int, int]:
    """Width and height of the picture."""
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    try:
        async with pool.context(BrowserSession()) as context:
            page = await context.new_page()
            await page.set_viewport_size({"width": SIDE, "height": SIDE})
            await page.set_content("<body style='background: linear-gradient(red, blue)'>")
            picture = await page.screenshot()
        return struct.unpack(">II", picture[16:24])
    finally:
        await pool.close()


if __name__ == "__main__":
    print(*asyncio.run(drawn()))
