"""What channels say of themselves and their settings, in the reader's language.

The channels stand below the pages and know no languages: their words are listed here.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

LISTED = (
    _("E-mail (SMTP)"),
    _("Mail server"),
    _("Such as smtp.example.com."),
    _("Encryption"),
    _("Port 465 speaks TLS from the start, port 587 begins it with STARTTLS."),
    _("Port"),
    _("Leave it empty for 465, 587 or 25, as the encryption says."),
    _("User"),
    _("Password"),
    _("Sender"),
    _("The address that messages come from; the server must let the user write as it."),
    _("Slack"),
    _("Bot User OAuth Token"),
    _("Your Slack app, OAuth & Permissions. It begins with xoxb-."),
    _("Signing Secret"),
    _("Your Slack app, Basic Information. Without it messages have no buttons."),
    _("Channel ID"),
    _("Where to write what is for no single person, such as C024BE91L. Invite the app."),
    _("Address of Slack"),
    _("Leave empty for https://slack.com."),
    _("Microsoft Teams"),
    _("Address of the workflow"),
    _("In Teams: Workflows, Send webhook alerts to a channel. Copy all of the address."),
    _("SMS"),
    _("Provider"),
    _("Account"),
    _("46elks: API username (u…). Twilio: Account SID (AC…)."),
    _("46elks: API password. Twilio: Auth Token."),
    _("A number of yours, a name of at most 11 signs, or a messaging service (MG…)."),
    _("Address of the interface"),
    _("Leave it empty, unless messages go through a gateway of your own."),
    _("Telephone calls"),
    _("Account SID"),
    _("From Twilio's console: AC and 32 signs."),
    _("Auth Token"),
    _("From Twilio's console."),
    _("Number that calls"),
    _("A number of the account that can call, such as +46701234567."),
    _("Seconds that it rings"),
    _("30 when empty: shorter than the time after which a mailbox takes over."),
    _("Tell answering machines apart"),
    _("Twilio charges for it. A machine's answer does not count as heard."),
    _("Leave it empty, unless calls go through a gateway of your own."),
    _("Web push"),
    _("Contact"),
    _("A mail address at which push services may tell you of trouble."),
    _("Private key (VAPID)"),
    _("Leave it empty: Tocsin has a key of its own. Only to keep subscriptions of old."),
    _("PagerDuty"),
    _("Integration Key"),
    _("In PagerDuty: the service, Integrations, Events API V2."),
    _("Webhook signing secret"),
    _(
        "In PagerDuty: Integrations, Generic Webhooks (v3). Without it acknowledging there "
        "stops nothing here."
    ),
    _("Webhook signing secret before"),
    _("Only while you change it: the old one is accepted too."),
    _("Address of PagerDuty"),
    _(
        "Leave empty for https://events.pagerduty.com. Accounts in the EU: "
        "https://events.eu.pagerduty.com"
    ),
    _("Webhook"),
    _("Address of the endpoint"),
    _("Messages are posted there. It must answer with 2xx within 15 seconds."),
    _("Secret"),
    _("whsec_ and then what openssl rand -base64 32 writes. Give the endpoint the same."),
    _("Secret before"),
    _("Only while you change it: messages are signed with both."),
    _("Apprise"),
    _("Apprise URL"),
    _("Such as ntfys://ntfy.example.com/topic or tgram://token/chat. It holds a secret."),
)


def said(text: str) -> str:
    """Return a channel's own words in the reader's language."""
    return gettext(text) if text else ""
