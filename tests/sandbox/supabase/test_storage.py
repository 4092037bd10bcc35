"""Storage's stand-in as the unchanged official client meets it: what it does, and how it refuses."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from storage3.exceptions import StorageApiError
from storage3.types import SearchV2Options

from sandbox.supabase.project import KeyKind
from sandbox.supabase.storage_shelf import Shelf
from tests.rig.hosted import Hosted, serving

ALICE, BOB = UUID(int=1), UUID(int=2)
FILE = f"{ALICE}/list.csv"


@pytest.fixture(params=list(KeyKind))
def hosted(request: pytest.FixtureRequest) -> Iterator[Hosted]:
    with serving(request.param) as found:
        yield found


@pytest.fixture
def new() -> Iterator[Hosted]:
    with serving() as found:
        yield found


def _put(hosted: Hosted, bucket: str = "exports", path: str = FILE, content: bytes = b"id\r\n1\r\n") -> None:
    hosted.client().storage.from_(bucket).upload(path, content, {"content-type": "text/csv"})


def _refused(status: str, code: str, message: str) -> pytest.RaisesExc[StorageApiError]:
    def same(error: StorageApiError) -> bool:
        return (str(error.status), error.code, error.message) == (status, code, message)

    return pytest.RaisesExc(StorageApiError, check=same)


def test_the_secret_key_uploads_and_its_owner_reads_it_and_nobody_else(hosted: Hosted) -> None:
    _put(hosted)
    assert hosted.client(ALICE).storage.from_("exports").download(FILE) == b"id\r\n1\r\n"
    for stranger in (hosted.client(BOB), hosted.client(key=hosted.project.publishable_key)):
        with _refused("404", "not_found", "Object not found"):
            stranger.storage.from_("exports").download(FILE)


def test_a_person_puts_files_into_their_own_folder_of_imports_only(hosted: Hosted) -> None:
    alice = hosted.client(ALICE).storage
    alice.from_("imports").upload(f"{ALICE}/a.zip", b"zip")
    for bucket, path in (("imports", f"{BOB}/a.zip"), ("imports", "a.zip"), ("exports", FILE)):
        with _refused("403", "Unauthorized", "new row violates row-level security policy"):
            alice.from_(bucket).upload(path, b"zip")
    with _refused("404", "not_found", "Object not found"):
        hosted.client(BOB).storage.from_("imports").download(f"{ALICE}/a.zip")


def test_what_is_there_is_overwritten_only_on_demand(hosted: Hosted) -> None:
    _put(hosted)
    with _refused("409", "Duplicate", "The resource already exists"):
        _put(hosted)
    files = hosted.client().storage.from_("exports")
    files.upload(FILE, b"new", {"upsert": "true"})
    assert files.download(FILE) == b"new"
    files.update(FILE, b"newer")
    assert files.download(FILE) == b"newer"
    with _refused("404", "not_found", "Object not found"):
        files.update(f"{ALICE}/none.csv", b"x")


def test_a_link_gives_the_file_to_anybody_until_it_is_over(hosted: Hosted) -> None:
    _put(hosted)
    signed = hosted.client(ALICE).storage.from_("exports").create_signed_url(FILE, 900, {"download": "a list.csv"})
    link = str(signed["signedURL"])
    answer = httpx.get(link)
    assert (answer.status_code, answer.content) == (200, b"id\r\n1\r\n")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=a%20list.csv")
    assert "Expires" in answer.headers
    hosted.project.advance(timedelta(seconds=901))
    over = httpx.get(link)
    assert over.status_code == 400
    assert over.json() == {
        "statusCode": "400",
        "error": "InvalidJWT",
        "code": "InvalidJWT",
        "message": '"exp" claim timestamp check failed',
    }


def test_a_link_opens_its_own_file_only_and_only_whole(new: Hosted) -> None:
    _put(new)
    _put(new, path=f"{ALICE}/other.csv")
    link = str(new.client(ALICE).storage.from_("exports").create_signed_url(FILE, 60)["signedURL"])
    other = httpx.get(link.replace("list.csv", "other.csv")).json()
    assert (other["code"], other["message"]) == ("InvalidSignature", "Invalid signature")
    assert httpx.get(link[:-4] + "AAAA").json()["message"] == "signature verification failed"
    assert httpx.get(link.partition("?")[0]).json()["message"] == "querystring must have required property 'token'"
    token = new.client().storage.from_("exports").create_signed_upload_url(f"{ALICE}/third.csv")["token"]
    upload_only = httpx.get(f"{link.partition('list.csv')[0]}third.csv?token={token}").json()
    assert upload_only["message"] == "Token is not scoped for download"


@pytest.mark.parametrize(("asked", "says"), [("900", None), (900, None), ("0", ">= 1"), (0, ">= 1"), ("x", "integer")])
def test_a_lifetime_is_a_whole_number_or_its_digits(new: Hosted, asked: object, says: str | None) -> None:
    _put(new)
    key = new.project.secret_key
    answer = httpx.post(
        f"{new.project.url}/storage/v1/object/sign/exports/{FILE}",
        json={"expiresIn": asked},
        headers={"apikey": key, "Authorization": f"Bearer {key}"},
    )
    if says is None:
        assert answer.json()["signedURL"].startswith(f"/object/sign/exports/{FILE}?token=")
    else:
        assert answer.status_code == 400
        assert answer.json()["message"] == f"body/expiresIn must be {says}"


def test_nobody_signs_what_they_may_not_see(hosted: Hosted) -> None:
    _put(hosted)
    with _refused("404", "not_found", "Object not found"):
        hosted.client(BOB).storage.from_("exports").create_signed_url(FILE, 60)
    many = hosted.client(BOB).storage.from_("exports").create_signed_urls([FILE], 60)
    assert many[0]["error"] == "Either the object does not exist or you do not have access to it"
    assert hosted.client(ALICE).storage.from_("exports").create_signed_urls([FILE], 60)[0]["error"] is None


def test_a_signed_upload_takes_the_file_without_a_login(hosted: Hosted) -> None:
    files = hosted.client(ALICE).storage.from_("imports")
    made = files.create_signed_upload_url(f"{ALICE}/a.zip")
    files.upload_to_signed_url(f"{ALICE}/a.zip", made["token"], b"zip")
    assert hosted.client().storage.from_("imports").download(f"{ALICE}/a.zip") == b"zip"
    assert "token" in parse_qs(urlsplit(made["signed_url"]).query)


def test_a_folder_lists_files_and_folders_below_it(hosted: Hosted) -> None:
    for path in (FILE, f"{ALICE}/b.csv", f"{ALICE}/deep/c.csv", f"{BOB}/d.csv"):
        _put(hosted, path=path)
    mine = hosted.client(ALICE).storage.from_("exports")
    assert [(row["name"], row["id"] is None) for row in mine.list()] == [(str(ALICE), True)]
    assert [row["name"] for row in mine.list(str(ALICE))] == ["deep", "b.csv", "list.csv"]
    assert [row["name"] for row in mine.list(str(ALICE), {"limit": 1, "offset": 1})] == ["b.csv"]
    assert [row["name"] for row in mine.list(str(BOB))] == []
    assert len(hosted.client().storage.from_("exports").list()) == 2


def test_a_flat_list_goes_page_by_page_in_the_order_of_time(hosted: Hosted) -> None:
    paths = [f"{who}/{name}.csv" for who, name in ((BOB, "z"), (ALICE, "a"), (ALICE, "m"))]
    for path in paths:
        _put(hosted, path=path)
        hosted.project.advance(timedelta(minutes=1))
    files, seen = hosted.client().storage.from_("exports"), list[str]()
    asked: SearchV2Options = {"limit": 2, "sortBy": {"column": "updated_at", "order": "asc"}}
    while True:
        page = files.list_v2(asked)
        seen += [one.name for one in page.objects]
        if page.nextCursor is None:
            break
        asked["cursor"] = page.nextCursor
    assert seen == paths


def test_removing_takes_what_one_may_remove_and_tells_it(hosted: Hosted) -> None:
    _put(hosted)
    assert hosted.client(BOB).storage.from_("exports").remove([FILE]) == []
    gone = hosted.client(ALICE).storage.from_("exports").remove([FILE, f"{ALICE}/none.csv"])
    assert [row["name"] for row in gone] == [FILE]
    assert not hosted.client().storage.from_("exports").exists(FILE)


def test_info_and_head_tell_the_size_without_the_bytes(hosted: Hosted) -> None:
    _put(hosted)
    files = hosted.client(ALICE).storage.from_("exports")
    told = files.info(FILE)
    assert (told["size"], told["content_type"], told["bucket_id"]) == (7, "text/csv", "exports")
    assert files.exists(FILE)
    assert not files.exists(f"{ALICE}/none.csv")
    headers = {str(k): str(v) for k, v in hosted.client(ALICE).options.headers.items()}
    head = httpx.head(f"{hosted.project.url}/storage/v1/object/exports/{FILE}", headers=headers)
    assert (head.status_code, head.headers["Content-Length"]) == (200, "7")


def test_a_part_of_a_file_can_be_asked_for(new: Hosted) -> None:
    _put(new, content=b"0123456789")
    link = str(new.client(ALICE).storage.from_("exports").create_signed_url(FILE, 60)["signedURL"])
    answer = httpx.get(link, headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")


def test_files_are_moved_and_copied_within_a_bucket(hosted: Hosted) -> None:
    _put(hosted)
    files = hosted.client().storage.from_("exports")
    files.copy(FILE, f"{ALICE}/copy.csv")
    files.move(FILE, f"{ALICE}/moved.csv")
    assert [row["name"] for row in files.list(str(ALICE))] == ["copy.csv", "moved.csv"]


def test_a_bucket_holds_to_its_limits(hosted: Hosted) -> None:
    storage = hosted.client().storage
    storage.create_bucket("small", options={"file_size_limit": 4, "allowed_mime_types": ["text/csv", "image/*"]})
    storage.from_("small").upload("a.png", b"1234", {"content-type": "image/png"})
    with _refused("413", "Payload too large", "The object exceeded the maximum allowed size"):
        storage.from_("small").upload("b.csv", b"12345", {"content-type": "text/csv"})
    with _refused("415", "invalid_mime_type", "mime type application/zip is not supported"):
        storage.from_("small").upload("c.zip", b"1", {"content-type": "application/zip"})
    assert [row["name"] for row in storage.from_("small").list()] == ["a.png"]


def test_buckets_are_the_secret_keys_own(hosted: Hosted) -> None:
    storage, alice = hosted.client().storage, hosted.client(ALICE).storage
    assert {bucket.id: bucket.public for bucket in storage.list_buckets()} == {"exports": False, "imports": False}
    assert alice.list_buckets() == []
    with _refused("403", "Unauthorized", "new row violates row-level security policy"):
        alice.create_bucket("mine")
    with _refused("409", "Duplicate", "The resource already exists"):
        storage.create_bucket("exports")
    with _refused("404", "Bucket not found", "Bucket not found"):
        storage.get_bucket("none")
    with _refused("404", "Bucket not found", "Bucket not found"):
        storage.from_("none").upload("a.csv", b"x")
    _put(hosted)
    with _refused("409", "InvalidRequest", "The bucket you tried to delete is not empty"):
        storage.delete_bucket("exports")
    storage.empty_bucket("exports")
    storage.delete_bucket("exports")
    assert [bucket.id for bucket in storage.list_buckets()] == ["imports"]


def test_a_public_bucket_needs_no_login_and_a_private_one_does(new: Hosted) -> None:
    storage = new.client().storage
    _put(new)
    address = storage.from_("exports").get_public_url(FILE)
    assert httpx.get(address).json()["code"] == "NoSuchBucket"
    storage.update_bucket("exports", {"public": True})
    assert httpx.get(address).content == b"id\r\n1\r\n"


def _ask(hosted: Hosted, **headers: str) -> httpx.Response:
    return httpx.get(f"{hosted.project.url}/storage/v1/bucket", headers=headers)


def test_both_headers_are_wanted_and_must_be_this_projects(hosted: Hosted) -> None:
    secret = hosted.project.secret_key
    assert _ask(hosted, apikey=secret).json()["message"] == "headers must have required property 'authorization'"
    assert _ask(hosted, apikey="sb_secret_of_another", Authorization=f"Bearer {secret}").status_code == 401
    foreign = Hosted(type(hosted.project)(hosted.project.kind)).token(ALICE)
    answer = _ask(hosted, apikey=secret, Authorization=f"Bearer {foreign}")
    assert (answer.status_code, answer.json()["statusCode"]) == (400, "403")
    late = hosted.token(ALICE)
    hosted.project.advance(timedelta(hours=2))
    over = _ask(hosted, apikey=secret, Authorization=f"Bearer {late}").json()
    assert (over["statusCode"], over["message"]) == ("403", '"exp" claim timestamp check failed')


def test_a_new_key_is_no_token_and_no_browsers(new: Hosted) -> None:
    secret, publishable = new.project.secret_key, new.project.publishable_key
    assert _ask(new, Authorization=f"Bearer {secret}").json()["message"] == "Invalid Compact JWS"
    assert _ask(new, apikey=publishable, Authorization=f"Bearer {secret}").json()["statusCode"] == "403"
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    assert _ask(new, apikey=secret, Authorization=f"Bearer {secret}", **agent).status_code == 401


def test_a_persons_token_takes_the_secret_keys_rights_away(hosted: Hosted) -> None:
    _put(hosted)
    secret = hosted.project.secret_key
    headers = {"apikey": secret, "Authorization": f"Bearer {hosted.token(BOB)}"}
    answer = httpx.get(f"{hosted.project.url}/storage/v1/object/exports/{FILE}", headers=headers)
    assert answer.json()["code"] == "NoSuchKey"


def test_a_fault_of_the_server_is_a_500(new: Hosted) -> None:
    new.shelf.failing = 1
    with _refused("500", "Internal", "Internal Server Error"):
        new.client().storage.list_buckets()
    assert len(new.client().storage.list_buckets()) == 2


def test_without_policies_a_person_sees_nothing(new: Hosted) -> None:
    bare = Shelf(policies={}, buckets=new.shelf.buckets)
    with serving(shelf=bare) as unpoliced:
        _put(unpoliced)
        with _refused("404", "not_found", "Object not found"):
            unpoliced.client(ALICE).storage.from_("exports").download(FILE)


def test_a_large_file_is_never_held_in_memory(new: Hosted, tmp_path: Path) -> None:
    megabytes, path = 48, tmp_path / f"{uuid4()}.csv"
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(bytes(1024 * 1024))
    files = new.client().storage.from_("exports")
    link = ""
    tracemalloc.start()
    try:
        files.upload(FILE, path)
        link = str(files.create_signed_url(FILE, 60)["signedURL"])
        with httpx.stream("GET", link) as answer:
            assert sum(len(piece) for piece in answer.iter_bytes()) == megabytes * 1024 * 1024
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
