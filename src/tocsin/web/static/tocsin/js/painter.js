// The page of a calendar: its week is painted, and what it does is shown while one types.
// The texts are the truth; everything here reads them and writes into them.

import { ask, parse, say, toast, words } from "./page.js";
import { DAY, isOpen, paint, read, time, write } from "./week.js";

const STEP = 30;
const WAIT_MS = 350;
const MOST_UNDONE = 100;
let form;
let texts;
let told;
let cells = [];
let at = [0, 18];
let anchor = null;
let undone = [];
let leaving = false;
let later = 0;
let asking = null;

// -------------------------------------------------------------------------------------- the grid

/** Begin, or begin anew after the form was put afresh. */
function begin() {
  form = document.getElementById("calendar-form");
  texts = [...form.querySelectorAll("[data-day]")];
  anchor = null;
  document.querySelector("[data-refresh]")?.setAttribute("hidden", "");
  document.getElementById("choose-country")?.setAttribute("hidden", "");
  const place = document.getElementById("painter");
  if (!place || texts.length !== 7) return;
  told = JSON.parse(place.dataset.words);
  const undo = document.getElementById("undo");
  undo.hidden = false;
  undo.disabled = !undone.length;
  place.replaceChildren(hours(), grid());
  place.hidden = false;
  draw();
}

function make(tag, name, more = {}) { return Object.assign(document.createElement(tag), { className: name }, more); }

function hours() {
  const row = make("div", "p-hours");
  row.setAttribute("aria-hidden", "true");
  for (let h = 0; h <= 24; h += 3) {
    const mark = make("span", "", { textContent: h });
    mark.style.setProperty("--at", h / 24);
    row.append(mark);
  }
  return row;
}

function grid() {
  const box = make("div", "p-grid", { role: "grid" });
  box.setAttribute("role", "grid");
  box.setAttribute("aria-label", told.grid);
  cells = texts.map((_text, day) => {
    const row = make("div", "p-row");
    row.setAttribute("role", "row");
    const head = make("span", "p-head", { textContent: told.short[day] });
    head.setAttribute("role", "rowheader");
    head.setAttribute("aria-label", told.days[day]);
    const line = make("span", "p-line");
    line.setAttribute("role", "presentation");
    const made = Array.from({ length: DAY / STEP }, (_one, k) => {
      const cell = make("span", "p-cell", { tabIndex: -1 });
      cell.setAttribute("role", "gridcell");
      cell.dataset.at = `${day} ${k}`;
      return cell;
    });
    line.append(...made);
    row.append(head, line);
    box.append(row);
    return made;
  });
  cells[at[0]][at[1]].tabIndex = 0;
  return box;
}

/** Return the spans of seven texts; one that is not understood has none. */
function weekOf(found) { return found.map((text) => read(text) || []); }

/** Draw what the texts say. */
function draw() {
  const now = weekOf(values());
  cells.forEach((row, day) => {
    row.forEach((cell, k) => {
      const open = isOpen(now, day, k * STEP) || isOpen(now, day, k * STEP + STEP / 2);
      cell.setAttribute("aria-selected", open);
      cell.setAttribute("aria-label", `${time(k * STEP)} ${open ? told.open : told.closed}`);
    });
    const line = row[0].parentElement;
    for (const old of line.querySelectorAll(".p-bar")) old.remove();
    const before = now[(day + 6) % 7].filter(([, b]) => b > DAY).map(([a, b]) => [a - DAY, b - DAY, true]);
    for (const [a, b, spilt] of [...before, ...now[day]]) {
      if (a >= DAY) continue;
      const bar = make("span", spilt ? "p-bar spilt" : "p-bar");
      bar.setAttribute("aria-hidden", "true");
      const [from, to] = [Math.max(a, 0), Math.min(b, DAY)];
      bar.style.setProperty("--from", from / DAY);
      bar.style.setProperty("--wide", (to - from) / DAY);
      if (!spilt && to - from >= 240) bar.textContent = `${time(a)}–${time(b)}`;
      line.append(bar);
    }
  });
}

// ------------------------------------------------------------------------------------- painting

function values() { return texts.map((one) => one.value); }

function remember(before = values()) {
  if (undone.at(-1)?.join("\n") === before.join("\n")) return;
  undone = [...undone.slice(-MOST_UNDONE), before];
  document.getElementById("undo").disabled = false;
}

function put(fresh) {
  fresh.forEach((value, day) => { if (texts[day].value !== value) texts[day].value = value; });
  draw();
  changed();
}

function undo() {
  const before = undone.pop();
  if (!before) return;
  put(before);
  document.getElementById("undo").disabled = !undone.length;
  say(told.undone);
}

/** Paint the rectangle between where one began and a cell, as the first cell was made. */
function stretch([day, k]) {
  const { start: [first, from], open, before } = anchor;
  let made = weekOf(before);
  for (let d = Math.min(first, day); d <= Math.max(first, day); d++) {
    made = paint(made, d, Math.min(from, k) * STEP, (Math.max(from, k) + 1) * STEP, open);
  }
  // What is not understood is not touched, unless it was painted over.
  put(made.map((spans, d) => (write(spans) === write(weekOf(before)[d]) ? before[d] : write(spans))));
  go([day, k], false);
}

function hold(cell, open) {
  const before = values();
  remember(before);
  anchor = { start: cell, open, before };
}

function tell(day) { say(told.painted.replace("%d", told.days[day]).replace("%h", texts[day].value || told.closed)); }

function go([day, k], focus = true) {
  cells[at[0]][at[1]].tabIndex = -1;
  at = [day, k];
  cells[day][k].tabIndex = 0;
  if (focus) cells[day][k].focus();
}

function place(event) {
  const found = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".p-cell");
  return found ? found.dataset.at.split(" ").map(Number) : null;
}

function dragged(event) {
  const first = event.target.closest?.(".p-cell");
  if (!first || event.button !== 0) return;
  event.preventDefault();
  const cell = first.dataset.at.split(" ").map(Number);
  hold(cell, first.getAttribute("aria-selected") !== "true");
  stretch(cell);
  go(cell);
  const box = first.closest(".p-grid");
  // A finger's events would all go to the first cell.
  first.releasePointerCapture?.(event.pointerId);
  const move = (one) => { const to = place(one); if (anchor && to && to.join() !== at.join()) stretch(to); };
  const end = (one) => {
    box.removeEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end);
    if (one.type === "pointercancel" && anchor) { put(anchor.before); undone.pop(); }
    else if (anchor) tell(anchor.start[0]);
    anchor = null;
  };
  box.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end);
}

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function pressed(event) {
  const [day, k] = at;
  const last = cells[0].length - 1;
  if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); event.stopPropagation(); undo(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = MOVES[event.key];
  if (step) {
    const to = [Math.min(6, Math.max(0, day + step[0])), Math.min(last, Math.max(0, k + step[1]))];
    if (event.shiftKey) {
      anchor ||= (hold(at, cells[day][k].getAttribute("aria-selected") === "true"), anchor);
      stretch(to);
      tell(to[0]);
    } else anchor = null;
    go(to);
  } else if (event.key === " ") {
    anchor = null;
    hold(at, cells[day][k].getAttribute("aria-selected") !== "true");
    stretch(at);
    tell(day);
  } else if (event.key === "Home" || event.key === "End") { anchor = null; go([day, event.key === "Home" ? 0 : last]); }
  else if (event.key === "Enter") { texts[day].focus(); texts[day].select(); }
  else if (event.key === "Escape" && anchor) { put(anchor.before); anchor = null; }
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// -------------------------------------------------------------------------- what it does, ahead

function changed() {
  form.dataset.unsaved = "yes";
  document.getElementById("unsaved").hidden = false;
  clearTimeout(later);
  later = setTimeout(look, WAIT_MS);
}

/** Have the server reckon what was typed; an answer that comes too late is not shown. */
async function look() {
  asking?.abort();
  const mine = asking = new AbortController();
  const fields = new URLSearchParams(new FormData(form));
  try {
    const answer = await ask(form.dataset.report, { method: "POST", body: fields, headers: { "HX-Request": "true" }, signal: mine.signal });
    if (!answer.ok) throw new Error(answer.status);
    const fresh = parse(await answer.text());
    if (mine !== asking) return;
    keepOpen(fresh);
    document.getElementById("ahead").replaceChildren(...fresh.querySelector("#fresh-ahead").childNodes);
    document.getElementById("mistakes").replaceChildren(...fresh.querySelector("#fresh-mistakes").childNodes);
    mark();
  } catch (error) {
    if (error.name !== "AbortError") toast(words.failed);
  }
}

function keepOpen(fresh) {
  const open = [...document.querySelectorAll("#ahead details")].map((one) => one.open);
  fresh.querySelectorAll("#fresh-ahead details").forEach((one, k) => { if (k < open.length) one.open = open[k]; });
}

/** Put each mistake beside its field. */
function mark() {
  const reasons = new Map([...document.querySelectorAll("#mistakes [data-field]")].map((one) => [one.dataset.field, one.dataset.reason]));
  for (const field of form.querySelectorAll("[aria-describedby^='e-'], textarea")) {
    const slot = document.getElementById(`e-${field.id.slice(2)}`);
    if (!slot || field.id === "f-key") continue;
    const reason = reasons.get(field.id.slice(2)) || "";
    if (slot.textContent !== reason) slot.textContent = reason;
    if (reason) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  }
}

// --------------------------------------------------------------------------------- the buttons

// These leave the page; all else puts the form afresh with what was typed.
const LEAVES = /^(save|activate|discard|undo|restore|rebase)/;

async function act(button) {
  const fields = new URLSearchParams(new FormData(form, button));
  clearTimeout(later);
  try {
    const answer = await ask(location.pathname, { method: "POST", body: fields, headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.status);
    const open = [...document.querySelectorAll("#setup details[open][id]")].map((one) => one.id);
    document.getElementById("setup").replaceWith(parse(await answer.text()));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    begin();
    changed();
    document.querySelector("#setup [data-focus]")?.focus();
  } catch {
    toast(words.failed);
  }
}

document.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  const button = event.submitter;
  if (LEAVES.test(button?.value || "")) { leaving = true; return; }
  event.preventDefault();
  if (button?.value === "copy") { copy(); return; }
  if (button?.id === "more-dates") { moreDates(); return; }
  if (!button || button.tabIndex === -1) { look(); return; }
  act(button);
});

function copy() {
  const keys = [...form.elements["copy.from"].options].map((one) => one.value);
  const [from, to] = [keys.indexOf(form.elements["copy.from"].value), form.elements["copy.to"].value];
  const days = to === "working" ? [0, 1, 2, 3, 4] : to === "all" ? keys.map((_key, k) => k) : [keys.indexOf(to)];
  remember();
  put(values().map((value, day) => (days.includes(day) ? texts[from].value : value)));
  tell(days.at(-1));
}

function moreDates() {
  const rows = document.getElementById("dates");
  const number = rows.children.length;
  const row = rows.lastElementChild.cloneNode(true);
  for (const one of row.querySelectorAll("[id]")) one.id = one.id.replace(/\d+$/, number);
  for (const field of row.querySelectorAll("input")) {
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", field.getAttribute("aria-describedby").replace(/\d+$/, number));
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+$/, number + 1));
  }
  for (const slot of row.querySelectorAll(".error")) slot.textContent = "";
  rows.append(row);
  row.querySelector("input").focus();
}

document.addEventListener("pointerdown", (event) => { if (event.target.closest?.("#painter")) dragged(event); });
document.addEventListener("keydown", (event) => {
  if (event.target.closest?.(".p-cell")) { pressed(event); return; }
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.target.form !== form) return;
  event.stopPropagation();
  document.querySelector(".act-bar [value=save]").click();
}, true);
document.addEventListener("focusin", (event) => {
  const cell = event.target.closest?.(".p-cell");
  if (cell) at = cell.dataset.at.split(" ").map(Number);
  if (event.target.dataset?.day) event.target.dataset.was = values().join("\n");
});
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.form !== form || field.name?.startsWith("copy.") || field.name?.startsWith("join.with")) return;
  if (field.dataset.day) {
    if (field.dataset.was !== undefined) { remember(field.dataset.was.split("\n")); delete field.dataset.was; }
    draw();
  }
  changed();
});
document.addEventListener("change", (event) => { if (event.target.id === "f-add.country") act(document.getElementById("choose-country")); });
document.addEventListener("click", (event) => {
  if (event.target.closest("#undo")) undo();
  const link = event.target.closest("#mistakes a");
  if (!link) return;
  event.preventDefault();
  const field = document.getElementById(link.hash.slice(1));
  field?.closest("details")?.setAttribute("open", "");
  field?.focus();
});
addEventListener("beforeunload", (event) => { if (form.dataset.unsaved === "yes" && !leaving) event.preventDefault(); });

begin();
