// Draws the charts of a page from the specifications that stand in it, in the page's colours, and again when those change.
const loader = document.querySelector("script[data-charts]");
const places = [...document.querySelectorAll("[data-chart]")];
const drawn = new Map();

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("the chart script did not load"));
    document.head.append(script);
  });
}

// The tokens are light-dark() pairs; only a painted element knows which of the two holds.
function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  // Forced colours would make gained and lost look the same.
  probe.style.forcedColorAdjust = "none";
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function look() {
  const [accent, lost, muted, line, surface] = ["--rc-accent", "--rc-bad", "--rc-muted", "--rc-line", "--rc-surface"].map(colour);
  const font = getComputedStyle(document.body).fontFamily;
  return {
    background: "transparent",
    // The page describes each chart in one sentence; the marks would be read one by one.
    aria: false,
    font,
    view: { stroke: null },
    axis: { labelColor: muted, labelFontSize: 12, titleColor: muted, gridColor: line, domainColor: line, tickColor: line },
    axisX: { grid: false, labelPadding: 6 },
    axisY: { domain: false, ticks: false, labelPadding: 8, minExtent: 52 },
    style: {
      followers: { color: accent, stroke: accent, strokeWidth: 2.5, strokeJoin: "round", strokeCap: "round" },
      "followers-dot": { color: accent, fill: surface, stroke: accent, strokeWidth: 1.75, size: 34 },
      "series-dot": { color: accent, fill: accent, stroke: accent, size: 18 },
      break: { color: muted, stroke: muted, strokeDash: [4, 3] },
      "break-name": { color: muted, fill: muted, font, fontSize: 12, baseline: "top" },
      gained: { color: accent, fill: accent, cornerRadius: 2 },
      lost: { color: lost, fill: lost, cornerRadius: 2 },
    },
  };
}

async function draw(place) {
  drawn.get(place)?.finalize();
  const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const result = await window.vegaEmbed(place, spec, {
    mode: "vega-lite",
    actions: false,
    ast: true,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
    config: look(),
  });
  drawn.set(place, result);
}

let script;

async function show(place) {
  try {
    await (script ??= load(loader.dataset.charts));
    await draw(place);
  } catch (error) {
    for (const note of document.querySelectorAll("[data-chart-fault]")) note.hidden = false;
    throw error;
  }
}

function fetchAhead() {
  const link = document.createElement("link");
  link.rel = "prefetch";
  link.href = loader.dataset.charts;
  document.head.append(link);
}

function once(place, margin, act) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    (window.requestIdleCallback ?? setTimeout)(act);
  }, { rootMargin: margin });
  seen.observe(place);
}

// The script is large: it is fetched when a chart is near, and run only when one comes into sight or is about to be printed.
if (places.length) {
  once(places[0], "400px", fetchAhead);
  for (const place of places) once(place, "0px", () => show(place));
  window.addEventListener("beforeprint", () => places.forEach((place) => drawn.has(place) || show(place)));
  document.addEventListener("rollcall:theme", () => [...drawn.keys()].forEach(draw));
}
