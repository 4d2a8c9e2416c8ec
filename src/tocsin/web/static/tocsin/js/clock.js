// Clocks: the server draws each once, this keeps them true. One look a second for all of them.
// `data-w` is the open time, in milliseconds, at which a clock is due on its calendar's line;
// what is left is that minus the line's value now. A wrong clock in the computer does not matter:
// the page says what time it was, and the browser only counts on.

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const lines = new Map(Object.entries(JSON.parse(document.getElementById("lines")?.textContent || "{}")));
const shell = document.querySelector(".shell");
let base = Number(shell?.dataset.now || Date.now()) - performance.now();
const seen = new Set();
const asked = new Set();
const ranks = ["met", "missed", "paused", "off hours", "on track", "at risk", "imminent", "breached"];

export function now() { return base + performance.now(); }

/** Take the server's word for what time it is, when it says so. */
export function settle(serverNow) {
  const off = serverNow - now();
  if (off > 0 || off < -1500) base += off;
}

/** Return how long, as tocsin.web.moments.length writes it. */
export function length(ms) {
  const seconds = Math.trunc(Math.abs(ms) / 1000);
  if (seconds < 3600) return `${Math.trunc(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const minutes = String(Math.trunc((seconds % 3600) / 60)).padStart(2, "0");
  return words.length.replace("%h", Math.trunc(seconds / 3600)).replace("%m", minutes);
}

/** Return the open time on a line at an instant, and whether it runs just then. */
export function along(line, at) {
  let lo = 0;
  let hi = line.length - 1;
  if (at >= line[hi][0]) return [line[hi][1], false];
  while (hi - lo > 1) {
    const mid = (lo + hi) >> 1;
    if (line[mid][0] <= at) lo = mid; else hi = mid;
  }
  const [t0, w0] = line[lo];
  const [t1, w1] = line[hi];
  return [w0 + (w1 - w0) * (at - t0) / (t1 - t0), w1 > w0];
}

/** Return the look of a running clock with so much open time left. */
export function lookOf(left, open, warn, crit) {
  if (left < 0) return "breached";
  if (!open) return "off hours";
  if (left <= crit) return "imminent";
  return left <= warn ? "at risk" : "on track";
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) { seen.add(entry.target); paint(entry.target, new Map()); } else seen.delete(entry.target);
  }
}, { rootMargin: "120px" });

/** Watch the clocks inside an element; call it for what comes into the page later. */
export function watch(root = document) {
  for (const pill of root.querySelectorAll("[data-clock][data-state=run]")) watcher.observe(pill);
}

function place(cal, at, memo) {
  let found = memo.get(cal);
  if (found === undefined) {
    const line = lines.get(cal);
    found = line ? along(line, at) : null;
    if (!line) fetchLine(cal);
    memo.set(cal, found);
  }
  return found;
}

async function fetchLine(cal) {
  if (asked.has(cal)) return;
  asked.add(cal);
  try {
    const answer = await fetch(`${shell.dataset.prefix}lines/?calendar=${encodeURIComponent(cal)}`, { headers: { Accept: "application/json", "X-Automatic": "1" } });
    if (answer.ok) for (const [key, line] of Object.entries(await answer.json())) lines.set(key, line);
  } finally {
    setTimeout(() => asked.delete(cal), 60000);
  }
}

function paint(pill, memo) {
  // A step of an escalation comes at an instant: nothing but the wall clock counts.
  if (pill.dataset.until) {
    const ahead = Number(pill.dataset.until) - now();
    const told = ahead > 0 ? words.left.replace("%t", length(ahead)) : words.now;
    if (pill.lastElementChild.textContent !== told) pill.lastElementChild.textContent = told;
    return;
  }
  const found = place(pill.dataset.cal, now(), memo);
  if (!found || !pill.dataset.w) return;
  const left = Number(pill.dataset.w) - found[0];
  const look = lookOf(left, found[1], Number(pill.dataset.warn), Number(pill.dataset.crit));
  const text = pill.lastElementChild;
  const said = (left < 0 ? words.over : pill.classList.contains("slim") ? "%t" : words.left).replace("%t", length(left));
  if (text.textContent !== said) text.textContent = said;
  const target = Number(pill.dataset.target);
  if (target) {
    // The bar moves by whole hundredths: what cannot be seen is not drawn.
    const share = String(Math.max(0, Math.min(1, Math.round(left / target * 100) / 100)));
    if (pill.dataset.share !== share) { pill.dataset.share = share; pill.style.setProperty("--left", share); }
  }
  if (pill.dataset.look !== look) changed(pill, look);
}

function changed(pill, look) {
  pill.dataset.look = look;
  pill.querySelector("use")?.setAttribute("href", `#i-${look.replace(" ", "-")}`);
  const spoken = pill.querySelector(".look");
  if (spoken) spoken.textContent = words.looks[look];
  const card = pill.closest(".card, .row, .ticket");
  if (!card) return;
  let worst = -1;
  for (const other of card.querySelectorAll("[data-clock]")) worst = Math.max(worst, ranks.indexOf(other.dataset.look));
  if (worst >= 0) card.dataset.look = ranks[worst];
  document.dispatchEvent(new CustomEvent("tocsin:look", { detail: { card, look } }));
}

function tick() {
  if (!document.hidden && seen.size) {
    const memo = new Map();
    requestAnimationFrame(() => {
      for (const pill of seen) if (pill.isConnected) paint(pill, memo); else { seen.delete(pill); watcher.unobserve(pill); }
    });
  }
  setTimeout(tick, 1000 - now() % 1000 + 5);
}

export function start() {
  watch();
  tick();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const pill of seen) paint(pill, new Map());
  });
}
