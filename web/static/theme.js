// The button that switches between light and dark; without a choice the system's setting is followed as it changes.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function store(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Private windows may refuse; the choice then holds for this page.
  }
}

function show(theme) {
  root.dataset.bsTheme = theme;
  document.dispatchEvent(new CustomEvent("rollcall:theme", { detail: theme }));
}

export function setUpTheme() {
  system.addEventListener("change", () => {
    if (!stored()) show(system.matches ? "dark" : "light");
  });
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    const label = () =>
      button.setAttribute("aria-label", root.dataset.bsTheme === "dark" ? button.dataset.toLight : button.dataset.toDark);
    label();
    button.hidden = false;
    button.addEventListener("click", () => {
      const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
      store(theme);
      show(theme);
      label();
    });
  }
}
