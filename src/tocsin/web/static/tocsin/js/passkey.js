// Passkeys: a form with [data-passkey] asks the server for a question, the browser for an answer, and
// sends the answer as its field `credential`. Where a browser has no passkeys the form says so.

const forms = document.querySelectorAll("form[data-passkey]");

const bytes = (text) => {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain + "=".repeat((4 - (plain.length % 4)) % 4)), (c) => c.charCodeAt(0));
};

const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

function question(told) {
  const made = { ...told, challenge: bytes(told.challenge) };
  if (told.user) { made.user = { ...told.user, id: bytes(told.user.id) }; made.excludeCredentials = named(told.excludeCredentials); }
  else made.allowCredentials = named(told.allowCredentials);
  return made;
}

function answer(made) {
  const response = { clientDataJSON: text(made.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}

async function ask(form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const found = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" });
  const proof = found.headers.get("X-Prove");
  if (proof) { location.assign(`${proof}?next=${encodeURIComponent(location.pathname)}`); return null; }
  if (!found.ok) throw new Error("the server has no question");
  const { publicKey } = await found.json();
  const asked = { publicKey: question(publicKey) };
  return publicKey.user ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
}

async function send(event) {
  const form = event.target;
  if (form.elements.credential.value) return;
  event.preventDefault();
  const told = form.querySelector("[role=status]"), button = form.querySelector("button");
  told.textContent = "";
  button.disabled = true;
  try {
    const made = await ask(form);
    if (made) { form.elements.credential.value = answer(made); form.submit(); }
  } catch { told.textContent = form.dataset.failed; } finally { button.disabled = false; }
}

for (const form of forms) {
  if (!window.PublicKeyCredential) { form.querySelector("[role=status]").textContent = form.dataset.cannot || ""; continue; }
  form.querySelector("button").hidden = false;
  form.addEventListener("submit", send);
}
