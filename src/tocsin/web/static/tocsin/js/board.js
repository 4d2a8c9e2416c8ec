// The board: cards move by mouse, touch and keyboard, here and in every other browser.
// What happens elsewhere comes as ids; the cards are fetched in batches, so that nobody stampedes.

import { watch } from "./clock.js";
import { ask, automatic, open, parse, renew, say, send, shell, toast, words } from "./page.js";

const MOST_ANIMATED = 3; // moves a second; the rest is applied at once
const HOLD_MS = 350; // how long a finger rests on a card before it lifts
const SLACK = 6; // pixels that a mouse may tremble
const board = document.querySelector(".board");
const wanted = new Map();
const writing = new Set();
let timer = 0;
let held = null;
let moves = [];

const column = (card) => card.closest(".col");
const card = (id) => board.querySelector(`.card[data-id="${id}"]`);
const columns = () => [...board.querySelectorAll(".col")];

// ---------------------------------------------------------------------------------- live changes

/** A ticket changed somewhere: its card is fetched with the next batch. */
export function heard(event) {
  if (!board) return;
  const known = card(event.t);
  if (known && Number(known.dataset.version) >= event.v) return;
  wanted.set(event.t, event.by);
  timer ||= setTimeout(fetchCards, 120 + Math.random() * 180);
}

async function fetchCards() {
  timer = 0;
  if (held?.lifted) { timer = setTimeout(fetchCards, 400); return; }
  const batch = [...wanted].slice(0, 50);
  for (const [id] of batch) wanted.delete(id);
  const query = new URLSearchParams({ ids: batch.map(([id]) => id).join(","), only: board.dataset.only });
  try {
    const answer = await ask(`${board.dataset.cards}?${query}`, { headers: { "HX-Request": "true", ...automatic } });
    if (answer.ok) apply(parse(await answer.text()), new Map(batch));
  } catch { for (const [id, by] of batch) wanted.set(id, by); }
  if (wanted.size) timer ||= setTimeout(fetchCards, 300);
}

function apply(fresh, by) {
  const now = performance.now();
  for (const counted of fresh.querySelectorAll("[data-counts]")) counts(counted);
  for (const [id] of by) {
    if (writing.has(String(id))) continue;
    const found = fresh.querySelector(`.card[data-id="${id}"]`);
    const known = card(id);
    if (!found) { known?.remove(); continue; }
    if (known && column(known)?.dataset.stage === found.dataset.stage && known.dataset.rank === found.dataset.rank) { renew(known, found); continue; }
    moves = moves.filter((at) => now - at < 1000);
    const animated = known && moves.length < MOST_ANIMATED && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (animated) moves.push(now);
    put(known, found, by.get(id), animated);
  }
}

function put(known, found, by, animated) {
  const stack = board.querySelector(`.col[data-stage="${CSS.escape(found.dataset.stage)}"] .stack`);
  if (!stack) { known?.remove(); return; }
  const from = animated ? known.getBoundingClientRect() : null;
  const focused = known?.contains(document.activeElement);
  known?.remove();
  const rank = Number(found.dataset.rank);
  const after = [...stack.querySelectorAll(".card")].find((other) => Number(other.dataset.rank) > rank);
  stack.insertBefore(found, after || stack.querySelector(".none, .more"));
  watch(found);
  if (focused) found.querySelector("h3 a").focus({ preventScroll: true });
  if (by && by !== `person:${shell.dataset.me}`) glow(found);
  if (!from) return;
  const to = found.getBoundingClientRect();
  found.animate([{ transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)` }, { transform: "none" }], { duration: 200, easing: "cubic-bezier(.2,.7,.3,1)" });
}

function glow(card) {
  card.classList.add("moved");
  card.addEventListener("animationend", () => card.classList.remove("moved"), { once: true });
}

function counts(counted) {
  const col = board.querySelector(`.col[data-stage="${CSS.escape(counted.dataset.counts)}"]`);
  if (!col) return;
  const n = col.querySelector("header .n");
  n.textContent = n.dataset.wip ? `${counted.dataset.n} / ${n.dataset.wip}` : counted.dataset.n;
  n.classList.toggle("full", Number(counted.dataset.n) > Number(n.dataset.wip));
  const over = col.querySelector("header .over");
  over.hidden = counted.dataset.breached === "0";
  over.firstElementChild.textContent = counted.dataset.breached;
}

// ---------------------------------------------------------------------------------------- moving

function allowed(from, to) { return from !== to && (!from.dataset.moves || from.dataset.moves.split("\n").includes(to.dataset.stage)); }

/** Move a card to a column: at once here, and back again if the server says no. */
async function move(moving, to) {
  const from = column(moving);
  if (!allowed(from, to)) { toast(words.barred); return; }
  const next = moving.nextElementSibling;
  const id = moving.dataset.id;
  writing.add(id);
  const first = moving.getBoundingClientRect();
  const focused = moving.contains(document.activeElement);
  const stack = to.querySelector(".stack");
  const rank = Number(moving.dataset.rank);
  stack.insertBefore(moving, [...stack.querySelectorAll(".card")].find((other) => other !== moving && Number(other.dataset.rank) > rank) || stack.querySelector(".none, .more"));
  if (focused) moving.querySelector("h3 a").focus();
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const last = moving.getBoundingClientRect();
    moving.animate([{ transform: `translate(${first.left - last.left}px, ${first.top - last.top}px)` }, { transform: "none" }], { duration: 180, easing: "ease-out" });
  }
  moving.scrollIntoView({ block: "nearest", inline: "nearest" });
  const done = await send(moving.dataset.move, { to: to.dataset.stage, seen: moving.dataset.version });
  writing.delete(id);
  if (done.ok) {
    say(words.moved.replace("%t", moving.dataset.ref).replace("%s", to.dataset.name));
  } else {
    from.querySelector(".stack").insertBefore(moving, next);
    toast(done.told, { stays: true });
  }
  // The truth, with its clocks as they now are.
  wanted.set(Number(id), "");
  timer ||= setTimeout(fetchCards, 30);
}

/** Ask where to: the way that needs no dragging. */
function menu(moving) {
  const from = column(moving);
  const sheet = document.getElementById("move-to");
  const list = sheet.querySelector(".choices");
  sheet.querySelector("h2").textContent = words.moveTitle.replace("%t", moving.dataset.ref);
  list.replaceChildren(...columns().filter((to) => allowed(from, to)).map((to) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: to.dataset.name });
    button.addEventListener("click", () => { sheet.close(); move(moving, to); });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
  sheet.showModal();
  list.querySelector("button")?.focus();
}

// -------------------------------------------------------------------------------------- dragging

function lift() {
  const box = held.card.getBoundingClientRect();
  held.ghost = held.card.cloneNode(true);
  held.ghost.classList.add("lifted");
  held.ghost.style.setProperty("width", `${box.width}px`);
  held.ghost.style.setProperty("left", "0");
  held.ghost.style.setProperty("top", "0");
  held.dx = held.x - box.left;
  held.dy = held.y - box.top;
  held.lifted = true;
  held.card.classList.add("place");
  document.body.append(held.ghost);
  document.body.classList.add("dragging");
  const from = column(held.card);
  for (const col of columns()) col.classList.toggle("barred", col !== from && !allowed(from, col));
  follow();
}

function follow() {
  held.ghost.style.setProperty("transform", `translate(${held.nowX - held.dx}px, ${held.nowY - held.dy}px)`);
  const over = columns().find((col) => { const box = col.getBoundingClientRect(); return held.nowX >= box.left && held.nowX <= box.right; });
  for (const col of columns()) col.classList.toggle("target", col === over && allowed(column(held.card), col));
  held.over = over;
  // At the edge the board comes along.
  const frame = board.getBoundingClientRect();
  const push = held.nowX < frame.left + 48 ? -14 : held.nowX > frame.right - 48 ? 14 : 0;
  if (push) board.scrollLeft += push;
  held.again = push ? requestAnimationFrame(() => held?.lifted && follow()) : 0;
}

function drop(taken) {
  const done = held;
  clearTimeout(done.timer);
  held = null;
  if (!done.lifted) return;
  done.ghost.remove();
  done.card.classList.remove("place");
  document.body.classList.remove("dragging");
  for (const col of columns()) col.classList.remove("target", "barred");
  // The click that follows belongs to the dragging.
  const swallow = (event) => { event.stopPropagation(); event.preventDefault(); };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
  if (taken && done.over && done.over !== column(done.card)) move(done.card, done.over);
}

function press(event) {
  const found = event.target.closest(".card");
  if (!found || event.button || event.target.closest("button") || !board.dataset.change) return;
  held = { card: found, x: event.clientX, y: event.clientY, nowX: event.clientX, nowY: event.clientY, id: event.pointerId, touch: event.pointerType !== "mouse" };
  if (held.touch) held.timer = setTimeout(() => held && !held.lifted && lift(), HOLD_MS);
}

function drag(event) {
  if (!held || event.pointerId !== held.id) return;
  held.nowX = event.clientX;
  held.nowY = event.clientY;
  const far = Math.hypot(held.nowX - held.x, held.nowY - held.y) > SLACK;
  if (!held.lifted && far) { if (held.touch) { clearTimeout(held.timer); held = null; return; } lift(); }
  if (held?.lifted) follow();
}

// -------------------------------------------------------------------------------------- keyboard

/** Walk and move by keys; returns whether the key was for the board. */
export function key(event) {
  if (!board) return false;
  const here = document.activeElement?.closest?.(".card");
  const all = columns();
  if (here && event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    const to = all[all.indexOf(column(here)) + (event.key === "ArrowRight" ? 1 : -1)];
    if (to && board.dataset.change) move(here, to);
    return true;
  }
  if (event.shiftKey) return false;
  if (here && event.key === "m" && board.dataset.change) { menu(here); return true; }
  const step = { j: [0, 1], k: [0, -1], h: [-1, 0], l: [1, 0] }[event.key];
  if (!step) return false;
  walk(here, all, step);
  return true;
}

function walk(here, all, [dx, dy]) {
  const at = here ? all.indexOf(column(here)) : 0;
  const place = here ? [...column(here).querySelectorAll(".card")].indexOf(here) : -1;
  let to = null;
  if (!here) to = board.querySelector(".card");
  else if (dy) to = column(here).querySelectorAll(".card")[place + dy];
  else for (let k = at + dx; !to && all[k]; k += dx) { const cards = all[k].querySelectorAll(".card"); to = cards[Math.min(place, cards.length - 1)]; }
  to?.querySelector("h3 a").focus();
  to?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function start() {
  if (!board) return;
  board.addEventListener("pointerdown", press);
  addEventListener("pointermove", drag);
  addEventListener("pointerup", () => held && drop(true));
  addEventListener("pointercancel", () => held && drop(false));
  addEventListener("keydown", (event) => { if (event.key === "Escape" && held?.lifted) { drop(false); event.stopImmediatePropagation(); } }, true);
  // A finger that has lifted a card neither scrolls nor asks for the browser's menu.
  board.addEventListener("touchmove", (event) => { if (held?.lifted) event.preventDefault(); }, { passive: false });
  board.addEventListener("contextmenu", (event) => { if (held) event.preventDefault(); });
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.addEventListener("click", (event) => {
    const found = event.target.closest(".card");
    if (!found || event.metaKey || event.ctrlKey) return;
    if (event.target.closest("button")) { menu(found); return; }
    event.preventDefault();
    open(found.querySelector("h3 a").getAttribute("href"), found.querySelector("h3 a"));
  });
}
