// Switching web push on and off in this browser. Without it, or without a provider, nothing is shown.

import { ask, send } from "./page.js";

const part = document.getElementById("push");

const bytes = (text) => {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain + "=".repeat((4 - (plain.length % 4)) % 4)), (c) => c.charCodeAt(0));
};

function same(one, other) {
  const a = new Uint8Array(one || []);
  return a.length === other.length && a.every((byte, k) => byte === other[k]);
}

function show(state) {
  part.hidden = false;
  part.dataset.s = state;
  part.querySelector("[role=status]").textContent = part.dataset[state];
  part.querySelector(".push-on").hidden = state !== "off";
  part.querySelector(".push-off").hidden = state !== "on";
}

async function on(registration, key) {
  if ((await Notification.requestPermission()) !== "granted") { show("refused"); return; }
  const before = await registration.pushManager.getSubscription();
  // Made with another key it would be of no use: the desk's provider has changed.
  if (before && !same(before.options.applicationServerKey, key)) await before.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const answer = await send(part.dataset.add, { address: JSON.stringify(made) });
  if (answer.ok) location.reload();
  else { await made.unsubscribe(); fail(answer.told); }
}

async function off(registration) {
  const made = await registration.pushManager.getSubscription();
  if (made) {
    const answer = await send(part.dataset.remove, { address: JSON.stringify(made) });
    if (!answer.ok) { fail(answer.told); return; }
    await made.unsubscribe();
  }
  location.reload();
}

function fail(told) { part.querySelector("[role=status]").textContent = told || part.dataset.failed; }

async function begin() {
  const answer = await ask(part.dataset.key, { headers: { Accept: "application/json" } });
  const { key = "", known = [] } = answer.ok ? await answer.json() : {};
  if (!key) return;
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) { show("cannot"); return; }
  const registration = await navigator.serviceWorker.register(part.dataset.worker, { scope: part.dataset.scope });
  const wanted = bytes(key);
  const made = await registration.pushManager.getSubscription();
  const ours = made && same(made.options.applicationServerKey, wanted);
  if (Notification.permission === "denied") show("refused");
  else show(ours && known.includes(made.endpoint) ? "on" : "off");
  const guarded = (deed) => async (event) => {
    event.target.disabled = true;
    try { await deed(registration, wanted); } catch { fail(""); } finally { event.target.disabled = false; }
  };
  part.querySelector(".push-on").addEventListener("click", guarded(on));
  part.querySelector(".push-off").addEventListener("click", guarded(off));
}

if (part) begin().catch(() => { /* it stays hidden */ });
