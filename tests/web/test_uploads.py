"""What a request may hold: no files, no more fields and bytes than a form of ours could have."""

import io

import pytest
from django.conf import settings
from tests.web.conftest import PASSWORD, Pages


def file(name: str) -> io.BytesIO:
    made = io.BytesIO(b"MZ\x90\x00 a program")
    made.name = name
    return made


PATHS = ("sign-in/", "notifications/read/", "settings/new-provider/mail/", "settings/new-path/")


@pytest.mark.asvs("5.2.1")
def test_a_file_is_refused_before_anything_else(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[object] = []

    def store(*given: object, **named: object) -> None:
        stored.append((given, named))

    for handler in ("MemoryFileUploadHandler", "TemporaryFileUploadHandler"):
        monkeypatch.setattr(f"django.core.files.uploadhandler.{handler}.new_file", store)
    client = pages.client("dora")
    for path in PATHS:
        for name in ("evil.exe", "../../etc/cron.d/x", "picture.png"):
            answer = client.post(f"{pages.prefix}/{path}", {"name": "x", "file": file(name)})
            assert (path, name, answer.status_code, stored) == (path, name, 400, [])
            # An error has the policy of every page, and tells nothing of us.
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert b"Traceback" not in answer.content
            assert b"django" not in answer.content.lower()


def test_a_form_of_several_parts_without_a_file_is_read_as_any_other(pages: Pages) -> None:
    answer = pages.anybody().post(
        f"{pages.prefix}/sign-in/", {"login": "ann@acme.example", "password": PASSWORD}
    )
    assert answer.status_code == 302


@pytest.mark.asvs("5.2.1")
def test_more_bytes_than_any_form_has_are_not_read(pages: Pages) -> None:
    body = b"subject=" + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    for client in (pages.client("dora"), pages.anybody()):
        for path in ("sign-in/", "settings/new-provider/mail/")[: 2 if client.cookies else 1]:
            answer = client.post(
                f"{pages.prefix}/{path}", body, content_type="application/x-www-form-urlencoded"
            )
            assert answer.status_code == 400


@pytest.mark.asvs("2.3.2")
def test_more_fields_than_any_form_has_are_not_read(pages: Pages) -> None:
    many = {f"field{k}": "" for k in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    for kind in ("urlencoded", "multipart"):
        named = f"{pages.prefix}/sign-in/"
        if kind == "multipart":
            answer = pages.anybody().post(named, many)
        else:
            body = "&".join(f"{name}=" for name in many)
            answer = pages.anybody().post(
                named, body, content_type="application/x-www-form-urlencoded"
            )
        assert answer.status_code == 400
