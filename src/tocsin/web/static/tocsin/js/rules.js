// Forms of the settings: rows come and go without leaving the page, and matching tickets follow.
// Without this script the same buttons send the form and the page comes back.

import { ask, automatic, parse, say } from "./page.js";

const LATER = 450;
let looking = 0;
let turn = 0;

function editor() { return document.querySelector("form[data-editor]"); }

// ------------------------------------------------------------------------------- the form anew

async function again(form, button) {
  const fields = new FormData(form);
  fields.set("do", button?.value || "again");
  const mark = button?.id || document.activeElement?.id;
  const mine = ++turn;
  const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok || mine !== turn) return;
  const fresh = parse(await answer.text()).querySelector("#editor");
  const old = document.getElementById("editor");
  if (!fresh) return;
  const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
  const opened = [...old.querySelectorAll("details")].map((one) => one.open);
  old.replaceWith(fresh);
  for (const id of open) { const part = document.getElementById(id); if (part) part.open = true; }
  const parts = [...fresh.querySelectorAll("details")];
  if (parts.length === opened.length) parts.forEach((part, k) => { part.open ||= opened[k]; });
  start();
  focusOn(fresh, button, mark);
}

// After "add" the new row's first field, after a move the same button, after "remove" what is near.
function focusOn(fresh, button, mark) {
  const verb = button?.value?.split(" ")[0];
  if (verb === "up" || verb === "down") { moved(fresh, button.value); return; }
  if (verb === "add" || verb === "own") {
    const same = fresh.querySelector(`button[value="${CSS.escape(button.value)}"]`);
    const rows = same?.closest("fieldset, .group-of, details, section, form")?.querySelectorAll(".test, .alert-row, .level-row, .target-row, .group-of.inner, .stage-form, .path-form, .resp tbody tr");
    const made = button.value === "add clock" ? [...fresh.querySelectorAll(".clock-form")].at(-1) : ["add stage", "add level"].includes(button.value) ? [...fresh.querySelectorAll(".stage-form")].at(-1) : rows?.length ? [...rows].at(-1) : null;
    if (made) {
      if (made.matches("details")) made.open = true;
      (made.querySelector("input:not([type=hidden]), select") || made.querySelector("summary"))?.focus();
      return;
    }
  }
  const known = mark && document.getElementById(mark);
  if (known) known.focus({ preventScroll: true });
  else (fresh.querySelector("h2")?.closest("section") || fresh).querySelector("input:not([type=hidden]), select, button:not(.sr)")?.focus({ preventScroll: true });
}

function moved(fresh, value) {
  const [verb, ...place] = value.split(" ");
  const to = Number(place.pop()) + (verb === "up" ? -1 : 1);
  const named = (word) => fresh.querySelector(`button[value="${CSS.escape([word, ...place, to].join(" "))}"]`);
  const there = named(verb);
  const button = there && !there.disabled ? there : named(verb === "up" ? "down" : "up");
  button?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-again]");
  const form = button?.form;
  if (!form?.hasAttribute("data-editor")) return;
  event.preventDefault();
  again(form, button);
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("select[data-again]") && field.form?.hasAttribute("data-editor")) again(field.form, null);
});

// ---------------------------------------------------------------------------- matching tickets

async function look() {
  const form = editor();
  if (!form || !document.getElementById("matching")) return;
  const fields = new FormData(form);
  fields.set("do", "look");
  const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(fields), headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const fresh = parse(await answer.text()).querySelector("#matching");
  const old = document.getElementById("matching");
  if (!fresh || !old) return;
  const was = old.querySelector(".big-count")?.textContent.trim();
  old.replaceWith(fresh);
  const count = fresh.querySelector(".big-count")?.textContent.trim();
  if (count && count !== was) say(count);
}

document.addEventListener("input", (event) => {
  if (!event.target.closest("#when, #order")) return;
  clearTimeout(looking);
  looking = setTimeout(look, LATER);
});

// -------------------------------------------------------------------------------- order by hand

let held = null;
function start() {
  for (const grip of document.querySelectorAll("[data-grip]")) grip.hidden = false;
  for (const button of document.querySelectorAll("[data-plain]")) button.hidden = true;
}

document.addEventListener("dragstart", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip) return;
  held = grip.closest("[data-n]");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.dataset.n);
  event.dataTransfer.setDragImage(held, 20, 20);
  held.classList.add("held");
});

document.addEventListener("dragover", (event) => {
  const over = held && event.target.closest?.("[data-sort] > [data-n]");
  if (!over) return;
  event.preventDefault();
  for (const one of document.querySelectorAll(".drop")) one.classList.toggle("drop", one === over);
  over.classList.add("drop");
});

document.addEventListener("drop", (event) => {
  const over = held && event.target.closest?.("[data-sort] > [data-n]");
  if (!over) return;
  event.preventDefault();
  const form = editor();
  if (form && over !== held) again(form, Object.assign(document.createElement("button"), { value: `put stage ${held.dataset.n} ${over.dataset.n}` }));
});

document.addEventListener("dragend", () => {
  held?.classList.remove("held");
  held = null;
  for (const one of document.querySelectorAll(".drop")) one.classList.remove("drop");
});

// --------------------------------------------------------------------------------- re-planning

async function poll(bar) {
  try {
    const answer = await ask(bar.dataset.poll, { headers: { Accept: "application/json", ...automatic } });
    if (answer.ok) {
      const { left, of } = await answer.json();
      bar.max = of;
      bar.value = of - left;
      document.getElementById(bar.getAttribute("aria-labelledby")).textContent = bar.dataset.words.replace("%d", of - left).replace("%n", of);
      if (!left) { say(document.getElementById(bar.getAttribute("aria-labelledby")).textContent); return; }
    }
  } catch { /* the next look will tell */ }
  setTimeout(() => poll(bar), 1000);
}

// A large desk is counted slice by slice, so that no answer takes long.
async function count(card) {
  const figures = [...card.querySelectorAll(".basis-figures b")];
  const bar = card.querySelector("progress");
  const words = card.querySelector(".counting .hint");
  let after = Number(card.dataset.after);
  while (after) {
    const answer = await ask(`${card.dataset.count}&after=${after}`, { headers: { Accept: "application/json", ...automatic } });
    if (!answer.ok) return;
    const more = await answer.json();
    ["moved", "breach", "recover", "verdicts"].forEach((name, k) => { figures[k].textContent = Number(figures[k].textContent) + more[name]; });
    const before = bar.value;
    bar.max = more.of;
    bar.value = before + more.tickets;
    words.textContent = words.textContent.replace(String(before), String(bar.value));
    after = more.last;
  }
}

start();
(async () => { for (const card of document.querySelectorAll("[data-count]")) await count(card); })();
for (const bar of document.querySelectorAll("progress[data-poll]")) poll(bar);
