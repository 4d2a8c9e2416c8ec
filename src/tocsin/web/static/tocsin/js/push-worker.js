// Runs in the background of a browser: shows what the desk sends, and opens it when it is touched.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data?.json() ?? {}; } catch { /* shown as what it is: something happened */ }
  event.waitUntil(self.registration.showNotification(told.title || "Tocsin", {
    body: told.body || "",
    tag: told.tag || "tocsin",
    lang: told.language || "",
    renotify: true,
    requireInteraction: Boolean(told.urgent),
    data: { path: told.path || "" },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  // Only pages of this desk: what stands in a message leads nowhere else.
  const base = self.registration.scope;
  const wanted = new URL(event.notification.data?.path || "", base);
  const target = wanted.href.startsWith(base) ? wanted.href : base;
  event.waitUntil((async () => {
    for (const open of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) {
      if (open.url === target) return open.focus();
    }
    return self.clients.openWindow(target);
  })());
});
