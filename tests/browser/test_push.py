"""Web push in a real browser: the script, the button, and what a message looks like."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm

from tocsin.actions import providers
from tocsin.channels.push.form import CARRIER

pytestmark = pytest.mark.long("a browser of its own")

# No push service can be asked from here: what the browser would get of one is made in the page.
_SUBSCRIBES = """
(() => {
  const made = (key) => ({
    endpoint: "https://push.example/browser", options: { applicationServerKey: key },
    unsubscribe: async () => { localStorage.removeItem("pushed"); return true; },
    toJSON: () => ({ endpoint: "https://push.example/browser", keys: {
      p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx" +
        "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
      auth: "BTBZMqHH6r4Tts7J_aSIgg" } }),
  });
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem("pushed", JSON.stringify([...applicationServerKey]));
    return made(applicationServerKey);
  };
  PushManager.prototype.getSubscription = async () => {
    const kept = localStorage.getItem("pushed");
    return kept ? made(Uint8Array.from(JSON.parse(kept))) : null;
  };
})();
"""


def test_a_browser_is_switched_on_shows_a_message_and_is_switched_off(
    desk: Firm, visit: Visits
) -> None:
    providers.add(carrier=CARRIER, name="Push", typed={"contact": "desk@example.com"}, by=desk.by)
    page = visit(desk, "ann", "my-alerts/")
    page.context.grant_permissions(["notifications"])
    page.add_init_script(_SUBSCRIBES)
    page.reload()
    part = page.locator("#push")
    part.get_by_role("button", name="Switch on in this browser").click()
    expect(part.get_by_role("button", name="Switch off in this browser")).to_be_visible()
    expect(part).to_contain_text("This browser shows alerts")
    expect(page.get_by_role("cell", name="a browser", exact=True)).to_be_visible()
    # Under our content policy, and for this desk's pages alone.
    scope = page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    assert scope.endswith(f"/t/{desk.key}/")

    found: list[dict[str, Any]] = []
    session = page.context.new_cdp_session(page)
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(e["registrations"])
    )
    session.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.ready")
    told = {"title": "Breached", "body": "T-1", "tag": "x", "path": "tickets/1/", "urgent": True}
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": page.evaluate("location.origin"),
            "registrationId": found[-1]["registrationId"],
            "data": json.dumps(told),
        },
    )
    shown = page.wait_for_function(
        "navigator.serviceWorker.ready.then((one) => one.getNotifications())"
        ".then((all) => all.length ? all.map((n) => [n.title, n.body, n.data.path]) : null)"
    )
    assert shown.json_value() == [["Breached", "T-1", "tickets/1/"]]

    part.get_by_role("button", name="Switch off in this browser").click()
    expect(part.get_by_role("button", name="Switch on in this browser")).to_be_visible()
    expect(page.get_by_role("cell", name="a browser", exact=True)).to_have_count(0)
