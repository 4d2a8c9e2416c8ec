// The start of every screen: clocks, the stream, the pane, keys.

import * as board from "./board.js";
import * as clock from "./clock.js";
import "./copy.js";
import { follow } from "./live.js";
import { ask, automatic, close, open, pane, parse, reload, renew, say, send, shell, toast, words } from "./page.js";

const live = document.getElementById("live");
let refresh = 0;
let turned = 0;
let quiet = 0;

// ------------------------------------------------------------------------------------ the stream

function state(s) {
  live.dataset.s = s;
  const word = live.querySelector(".live-word");
  word.textContent = s === "on" ? word.dataset.on : word.dataset.off;
}

// A stream that is refused may mean that one is signed out; any page knows, and says where to go.
async function turnedAway() { try { await ask(`${shell.dataset.prefix}lines/`, { headers: { Accept: "application/json", ...automatic } }); } catch { /* it is away: the stream tries again */ } }

function heard(kind, data) {
  if (data.now) clock.settle(data.now);
  clearTimeout(quiet);
  quiet = setTimeout(() => state("wait"), 30000);
  if (kind === "hello" || kind === "pulse") state("on");
  if (kind === "ticket") { board.heard(data); ticket(data); later(); }
  if (kind === "config" || kind === "reload") later();
  if (kind === "bell") bell(data.unread);
  if (kind === "pulse") document.getElementById("pulse-bar").hidden = data.ok || !stopped(data);
  if (kind === "reload") reload();
}

// What is behind or given up is on the hub; the bar is for a pulse that does not beat.
function stopped(data) { return data.beat === null || data.beat === undefined || data.beat > 20; }

function bell(unread) {
  const link = document.getElementById("bell");
  const count = link.querySelector(".count");
  const more = unread > Number(count.textContent || 0);
  count.textContent = unread > 99 ? "99+" : unread;
  count.hidden = !unread;
  link.setAttribute("aria-label", unread ? `${link.dataset.word}, ${unread}` : link.dataset.word);
  if (more) say(words.rung.replace("%n", unread));
}

// --------------------------------------------------------------------------- fragments that renew

/** Have the page's live parts fetched again soon: several changes are one fetch. */
function later() {
  if (!document.querySelector("[data-fresh]")) return;
  const since = performance.now() - turned;
  refresh ||= setTimeout(freshen, Math.max(150 + Math.random() * 350, 1500 - since));
}

async function freshen() {
  refresh = 0;
  turned = performance.now();
  for (const part of document.querySelectorAll("[data-fresh]")) {
    // What somebody points at or works in does not move under them.
    if (part.matches(":focus-within") && document.activeElement.matches("input, textarea, select")) { refresh ||= setTimeout(freshen, 3000); continue; }
    try {
      const answer = await ask(part.dataset.fresh, { headers: { "HX-Request": "true", ...automatic } });
      if (!answer.ok) continue;
      const fresh = parse(await answer.text()).querySelector(`#${CSS.escape(part.id)}`);
      if (fresh) renew(part, fresh);
    } catch { later(); }
  }
}

// -------------------------------------------------------------------------------- an open ticket

let asking = 0;
function ticket(event) {
  const shown = document.querySelector(`.ticket[data-id="${event.t}"]`);
  if (shown && Number(shown.dataset.version) < event.v) asking ||= setTimeout(() => { asking = 0; renewTicket(shown); }, 80 + Math.random() * 120);
}

async function renewTicket(shown) {
  const answer = await ask(shown.dataset.address, { headers: { "HX-Request": "true", ...automatic } });
  if (!answer.ok) return;
  const fresh = parse(await answer.text()).querySelector(".ticket");
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = shown.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old && !(old.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"))) renew(old, part);
  }
  shown.dataset.version = fresh.dataset.version;
  shown.dataset.look = fresh.dataset.look;
  // What somebody is about to send was written before this: the server is told what they had seen.
  for (const seen of shown.querySelectorAll("form:not([data-words]) input[name=seen]")) seen.value = fresh.dataset.version;
  const writing = shown.querySelector("form[data-words]");
  if (writing && !writing.elements.body.value) writing.elements.seen.value = fresh.dataset.version;
  for (const why of shown.querySelectorAll("details[open] [data-why]")) explain(why, automatic);
}

async function explain(place, more = {}) {
  const answer = await ask(place.dataset.why, { headers: { "HX-Request": "true", ...more } });
  if (answer.ok) place.replaceChildren(parse(await answer.text()));
  else place.textContent = words.failed;
}

document.addEventListener("toggle", (event) => {
  const place = event.target.open && event.target.querySelector?.("[data-why]");
  if (place && !place.hasAttribute("data-loaded")) { place.dataset.loaded = ""; explain(place); }
}, true);

// ----------------------------------------------------------------------------------------- forms

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-ajax")) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  const done = await send(form.getAttribute("action"), fields);
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  if (!done.ok) { await refused(form, done); return; }
  if (form.hasAttribute("data-words")) { form.elements.body.value = ""; keepDraft(form); }
  form.closest("details")?.removeAttribute("open");
  form.querySelector(".told")?.remove();
  const shown = form.closest(".ticket");
  if (shown) await renewTicket(shown); else if (form.dataset.to) location.assign(form.dataset.to);
  later();
  if (done.told) toast(done.told);
});

async function refused(form, done) {
  const shown = form.closest(".ticket");
  if (done.status === 409 && shown) {
    // Somebody else was faster: what they did is shown first, what was typed stays, sending again is a choice.
    try { await renewTicket(shown); form.elements.seen.value = shown.dataset.version; } catch { /* it is told below */ }
  }
  // A menu's form was put anew with what it stands in.
  if (!form.isConnected) { toast(done.told, { stays: true }); return; }
  form.querySelector(".told")?.remove();
  const told = Object.assign(document.createElement("p"), { className: "told", textContent: done.told });
  told.setAttribute("role", "alert");
  form.prepend(told);
}

// What is being written survives a reload, in this tab only.
function keepDraft(form) {
  const name = `draft ${form.getAttribute("action")}`;
  if (form.elements.body.value) sessionStorage.setItem(name, form.elements.body.value); else sessionStorage.removeItem(name);
}

document.addEventListener("input", (event) => { if (event.target.form?.hasAttribute("data-words")) keepDraft(event.target.form); });

// Whoever signs out leaves nothing behind for who comes next.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action")?.endsWith("/sign-out/")) for (const name of Object.keys(sessionStorage)) if (name.startsWith("draft ")) sessionStorage.removeItem(name);
});

function drafts(root = document) {
  for (const form of root.querySelectorAll("form[data-words]")) form.elements.body.value ||= sessionStorage.getItem(`draft ${form.getAttribute("action")}`) || "";
}

// ---------------------------------------------------------------------------------- pane and keys

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { close(); return; }
  const link = event.target.closest("a[data-pane]") || event.target.closest("[data-row]")?.querySelector("a[data-pane]");
  if (link && !event.metaKey && !event.ctrlKey && !event.target.closest("button, a:not([data-pane]), summary")) {
    event.preventDefault();
    open(link.getAttribute("href"), link).then(() => drafts(pane));
    return;
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

function walkRows(step) {
  const rows = [...document.querySelectorAll("a[data-pane]")];
  const at = rows.indexOf(document.activeElement);
  const to = rows[at < 0 ? 0 : at + step];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}

const singles = {
  "/": () => document.getElementById("find").focus(),
  "?": () => document.getElementById("keys").showModal(),
  n: () => document.querySelector("[data-key=n]")?.click(),
  a: () => document.querySelector(".pane:not([hidden]) [data-key=a], .ticket-page [data-key=a]")?.click(),
  r: () => write("reply"),
  i: () => write("note"),
  j: () => walkRows(1),
  k: () => walkRows(-1),
};

function write(kind) {
  const form = document.querySelector(".pane:not([hidden]) form[data-words], .ticket-page form[data-words]");
  if (!form) return;
  form.querySelector(`[value=${kind}]`)?.click();
  form.elements.body.focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing?.form) { typing.form.requestSubmit(typing.form.querySelector("button.primary")); return; }
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); } else close();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const on = document.documentElement.dataset.keys !== "off";
  if ((on || event.shiftKey) && board.key(event)) { event.preventDefault(); return; }
  if (on && singles[event.key]) { event.preventDefault(); singles[event.key](); }
});

// ---------------------------------------------------------------------------------------- looks

let breached = 0;
document.addEventListener("tocsin:look", ({ detail }) => {
  if (detail.look === "breached" && !breached++) setTimeout(() => { say(words.breached.replace("%n", breached)); breached = 0; }, 1500);
});

// Where tabs do not all fit, the one that one is on does.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
clock.start();
board.start();
drafts();
document.body.addEventListener("htmx:afterSwap", (event) => clock.watch(event.target));
document.body.addEventListener("htmx:after:swap", (event) => clock.watch(event.target));
follow({ address: shell.dataset.live, name: `${shell.dataset.prefix} ${shell.dataset.me}`, after: shell.dataset.at, heard, state, refused: turnedAway });
