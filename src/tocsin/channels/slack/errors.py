"""What Slack refuses, one by one: whether to try again, and what an administrator can do."""

import datetime as dt
from collections.abc import Mapping

from tocsin.actions.outbox import FailedForGood, FailedForNow, Outcome, Unsure

_TOKEN = (
    "Slack does not accept the bot token; copy the Bot User OAuth Token of your app once more into"
    " the settings of this provider"
)
_OURS = "Slack could not read the message; please report this as a mistake of Tocsin"
_RESTRICTED = (
    "the workspace does not let this app write there; a Slack owner can allow it, or give this"
    " person or provider another channel"
)

# What a person can mend: the message waits for it.
MENDABLE: Mapping[str, str] = {
    "not_authed": _TOKEN,
    "invalid_auth": _TOKEN,
    "token_expired": f"the bot token has expired; {_TOKEN}",
    "token_revoked": "the app was removed from the workspace; install it again, then copy the new"
    " bot token into the settings of this provider",
    "account_inactive": "the bot or its workspace was deactivated; install the app again, then copy"
    " the new bot token into the settings of this provider",
    "not_allowed_token_type": "this is no bot token; copy the one that begins with xoxb-",
    "missing_scope": "the app may not write messages; add the bot scope chat:write under OAuth &"
    " Permissions and install the app again",
    "no_permission": "the app may not write there; invite it to the channel",
    "not_in_channel": "the app is not in that channel; type /invite and the app's name there",
    "messages_tab_disabled": "the app takes no direct messages; switch on the Messages Tab under"
    " App Home",
    "access_denied": _RESTRICTED,
    "accesslimited": "Slack does not accept this app from this network; add the address of this"
    " server to the app's allowed IP ranges",
    "restricted_action": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "ekm_access_denied": "the workspace's administrators have suspended posting",
    "two_factor_setup_required": "the workspace asks for two-factor sign-in; set it up in Slack",
    "enterprise_is_restricted": "install the app in the workspace and not in the organisation",
    "org_login_required": "the workspace is being moved into an organisation; it comes back later",
    "team_added_to_org": "the workspace is being moved into an organisation; it comes back later",
    "team_access_not_granted": "the organisation has not given the app access to this workspace",
}
# What passes by itself.
PASSING: Mapping[str, str] = {
    "ratelimited": "Slack asks for fewer messages",
    "rate_limited": "Slack asks for fewer messages",
    "message_limit_exceeded": "the workspace has reached its limit of messages",
    "request_timeout": "Slack got only a part of the message",
    "service_unavailable": "Slack is not available",
    "internal_error": "Slack made a mistake of its own",
}
# What will never be otherwise for this message.
FINAL: Mapping[str, str] = {
    "channel_not_found": "Slack knows no such member or channel; correct the Slack address of this"
    " person, or the channel of this provider (a private channel must have invited the app)",
    "user_not_found": "Slack knows no such member; correct the Slack address of this person",
    "user_disabled": "that member was deactivated in Slack; remove the address from this person",
    "cannot_dm_bot": "that address is a bot's; correct the Slack address of this person",
    "is_archived": "that channel is archived; give this person or provider another one",
    "restricted_action_thread_only_channel": "that channel takes answers only; choose another one",
    "restricted_action_non_threadable_channel": "that channel takes no answers; choose another one",
    "external_channel_migrating": "that shared channel is being moved; choose another one",
    "msg_too_long": _OURS,
    "msg_blocks_too_long": _OURS,
    "no_text": _OURS,
    "too_many_attachments": _OURS,
    "invalid_blocks": _OURS,
    "invalid_blocks_format": _OURS,
    "invalid_arguments": _OURS,
    "invalid_arg_name": _OURS,
    "invalid_array_arg": _OURS,
    "invalid_charset": _OURS,
    "invalid_form_data": _OURS,
    "invalid_json": _OURS,
    "json_not_object": _OURS,
    "invalid_post_type": _OURS,
    "missing_post_type": _OURS,
    "deprecated_endpoint": "Slack has withdrawn this way of writing; update Tocsin",
    "method_deprecated": "Slack has withdrawn this way of writing; update Tocsin",
    "unknown_method": "the address of this provider is not Slack's; correct it in its settings",
}
# Slack says of it that a part may have been done: two messages are better than none.
_MAYBE = "fatal_error"
_PATIENCE = dt.timedelta(seconds=30)
_MENDING = dt.timedelta(minutes=5)


def outcome(error: str, wait: dt.timedelta | None = None) -> Outcome:
    """Return what an error of Slack means; `wait` is how long it asks us to."""
    if error == _MAYBE:
        return Unsure(f"Slack made a mistake in the middle of it ({error})")
    if error in PASSING:
        return FailedForNow(f"{PASSING[error]} ({error})", wait or _PATIENCE)
    if error in MENDABLE:
        return FailedForNow(f"{MENDABLE[error]} ({error})", wait or _MENDING)
    if error in FINAL:
        return FailedForGood(f"{FINAL[error]} ({error})")
    # One that Slack has added since: giving up would be the worse mistake.
    return FailedForNow(f"Slack said: {error[:80] or 'no'}", wait or _PATIENCE)
