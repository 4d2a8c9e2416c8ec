// One event stream per browser: the tab that holds the lock listens and tells the others. Events
// carry ids and versions only; what they mean is fetched through the pages, with their permissions.

const KEPT = 300;
const kinds = ["hello", "ticket", "config", "bell", "pulse", "reload"];

/** Follow the stream of a desk; calls `heard(kind, data)` for each event, `state(s)`
 * on changes, and `refused()` when the server has said no: it does not say why. */
export function follow({ address, name, after, heard, state, refused }) {
  const channel = new BroadcastChannel(`tocsin ${name}`);
  const kept = [];
  let last = Number(after) || 0;
  let source = null;
  let leading = false;

  const take = (message) => {
    if (message.id) { if (message.id <= last) return; last = message.id; }
    heard(message.kind, message.data);
  };

  channel.onmessage = ({ data }) => {
    if (data.state) state(data.state);
    if (data.event) take(data.event);
    // A tab that was opened meanwhile: tell it what happened since its page was made.
    if (leading && data.since !== undefined) {
      channel.postMessage({ state: source?.readyState === EventSource.OPEN ? "on" : "wait" });
      for (const event of kept) if (!event.id || event.id > data.since) channel.postMessage({ event });
    }
  };
  channel.postMessage({ since: last });

  function say(s) { state(s); channel.postMessage({ state: s }); }

  function connect(wait = 1000) {
    source = new EventSource(`${address}?after=${last}`, { withCredentials: true });
    source.onopen = () => { wait = 1000; say("on"); };
    source.onerror = () => {
      say("wait");
      // The browser tries again by itself, unless the server said no.
      if (source.readyState === EventSource.CLOSED) {
        refused();
        setTimeout(() => connect(Math.min(wait * 2, 30000)), wait * (0.75 + Math.random() / 2));
      }
    };
    for (const kind of kinds) source.addEventListener(kind, (event) => {
      const message = { kind, id: Number(event.lastEventId) || 0, data: JSON.parse(event.data) };
      // Only what happened to tickets and configuration has a place of its own in the order.
      if (kind !== "ticket" && kind !== "config") message.id = 0;
      kept.push(message);
      if (kept.length > KEPT) kept.shift();
      channel.postMessage({ event: message });
      take(message);
    });
  }

  function lead() { leading = true; connect(); return new Promise(() => {}); }

  // Without a secure context there are no locks: then each tab listens for itself.
  if (navigator.locks) navigator.locks.request(`tocsin ${name}`, lead); else lead();
  addEventListener("pagehide", () => { source?.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
