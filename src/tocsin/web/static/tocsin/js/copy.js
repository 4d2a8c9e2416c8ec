// Buttons that copy a sentence: [data-copy] beside [data-copied]. Without scripts they are not shown.

import { say, toast, words } from "./page.js";

document.documentElement.dataset.copies = "";

function selected(place) {
  const range = document.createRange();
  range.selectNodeContents(place);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return document.execCommand("copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const place = button.parentElement.querySelector("[data-copied]");
  let done = false;
  try {
    await navigator.clipboard.writeText(place.textContent);
    done = true;
  } catch { done = selected(place); } // Without TLS there is no clipboard: what is selected can be copied.
  if (!done) { toast(words.failed); return; }
  const before = button.textContent;
  button.textContent = button.dataset.done;
  say(button.dataset.done);
  setTimeout(() => { button.textContent = before; }, 2000);
});
