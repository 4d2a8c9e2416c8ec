// What all screens share: asking the server, saying things, opening the pane.

import { watch } from "./clock.js";

export const shell = document.querySelector(".shell");
export const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
export const pane = document.getElementById("pane");
let before = null;

// What nobody did: it keeps nobody signed in who has left.
export const automatic = { "X-Automatic": "1" };

/** Load the page again without anybody having asked for it; the mark is gone before the next click. */
export function reload() {
  document.cookie = `tocsin_automatic=1; path=${shell.dataset.prefix}; max-age=3; samesite=lax`;
  location.reload();
}

/** Fetch an address below the desk's prefix; whoever is signed out is led to the sign-in. */
export async function ask(path, options = {}) {
  const headers = { "X-CSRFToken": shell.dataset.csrf, ...options.headers };
  const answer = await fetch(path, { ...options, headers, credentials: "same-origin" });
  if (answer.status === 401) location.assign(`${answer.headers.get("X-Sign-In")}?next=${encodeURIComponent(location.pathname)}`);
  if (answer.headers.has("X-Prove")) location.assign(`${answer.headers.get("X-Prove")}?next=${encodeURIComponent(location.pathname)}`);
  return answer;
}

/** Send a form's fields; returns whether it was taken, and what the server has to say. */
export async function send(path, fields) {
  try {
    const answer = await ask(path, { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "application/json" } });
    const told = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).told : "";
    return { ok: answer.ok, status: answer.status, told: told || (answer.ok ? "" : words.failed) };
  } catch {
    return { ok: false, status: 0, told: words.unreachable };
  }
}

/** Say something that goes away by itself; errors stay until they are closed. */
export function toast(sentence, { undo = null, stays = false } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: sentence }));
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = undo ? words.undo : words.close;
  button.addEventListener("click", () => { box.remove(); undo?.(); });
  box.append(button);
  document.getElementById("toasts").append(box);
  if (!stays) setTimeout(() => box.remove(), undo ? 10000 : 6000);
}

/** Say something to those who listen rather than look. */
export function say(sentence) { document.getElementById("said").textContent = sentence; }

/** Return the elements of a fragment. */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Put a fresh copy of an element in its place: focus, open parts and what was typed stay. */
export function renew(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const mark = focused?.id || focused?.getAttribute("href");
  for (const part of old.querySelectorAll("details[open][id]")) {
    const again = fresh.querySelector(`#${CSS.escape(part.id)}`);
    if (again) { again.open = true; keep(part, again); }
  }
  old.replaceWith(fresh);
  watch(fresh);
  if (mark) {
    const again = [...fresh.querySelectorAll("[id],a[href]")].find((one) => one.id === mark || one.getAttribute("href") === mark);
    again?.focus({ preventScroll: true });
  }
}

function keep(part, again) {
  // An explanation that is open stays; it is fetched anew.
  const [told, place] = [part.querySelector("[data-why]"), again.querySelector("[data-why]")];
  if (told?.firstElementChild && place) { place.replaceChildren(...told.childNodes); place.dataset.loaded = ""; }
}

/** Open a ticket over the page. */
export async function open(address, opener = document.activeElement) {
  before = opener;
  const answer = await ask(address, { headers: { "HX-Request": "true" } });
  // Too many tickets were opened: their page says what to do.
  if (answer.status === 429) { location.assign(address); return; }
  if (!answer.ok) { toast(words.failed); return; }
  pane.replaceChildren(parse(await answer.text()));
  pane.hidden = false;
  pane.dataset.address = address;
  watch(pane);
  document.body.classList.add("pane-open");
  pane.querySelector("h2, [tabindex]")?.focus({ preventScroll: true });
}

/** Close the pane; the focus goes back to where it was. */
export function close() {
  if (pane.hidden) return false;
  pane.hidden = true;
  pane.replaceChildren();
  document.body.classList.remove("pane-open");
  const back = before?.isConnected ? before : document.querySelector(`a[href="${pane.dataset.address}"]`);
  back?.focus({ preventScroll: true });
  return true;
}
