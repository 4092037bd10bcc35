// What every page needs. Pages load their own modules beside this one.
import { setUpForms } from "./forms.js";
import { setUpMenus } from "./menu.js";
import { setUpTheme } from "./theme.js";

setUpTheme();
setUpMenus();
setUpForms();
// On a narrow screen the row of tabs scrolls; the one that is open is in sight.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
