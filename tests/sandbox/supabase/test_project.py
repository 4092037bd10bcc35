"""The keys and tokens that the stand-in's Auth and Storage share."""

from datetime import timedelta
from uuid import uuid4

import jwt
import pytest

from sandbox.supabase.project import BadToken, KeyKind, Project

PERSON, SESSION = uuid4(), uuid4()


@pytest.mark.parametrize("kind", KeyKind)
def test_a_token_says_whose_it_is_until_it_is_over(kind: KeyKind) -> None:
    project = Project(kind, "http://project")
    token = project.token(PERSON, SESSION, {"email": "alice@example.org"})
    claims = project.claims(token)
    assert (claims["sub"], claims["session_id"], claims["email"]) == (str(PERSON), str(SESSION), "alice@example.org")
    assert claims["iss"] == "http://project/auth/v1"
    project.advance(timedelta(seconds=project.jwt_seconds + 1))
    with pytest.raises(BadToken, match="expired"):
        project.claims(token)


def test_anybody_can_check_a_token_by_the_public_keys_and_none_by_a_legacy_projects() -> None:
    project = Project(KeyKind.NEW, "http://project")
    token = project.token(PERSON, SESSION, {})
    key = jwt.PyJWKSet.from_dict(project.jwks())[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, ["ES256"], audience="authenticated")["sub"] == str(PERSON)
    assert Project(KeyKind.LEGACY).jwks() == {"keys": []}


def test_a_rotated_key_leaves_earlier_tokens_good_until_it_is_revoked() -> None:
    project = Project()
    earlier = project.token(PERSON, SESSION, {})
    project.rotate()
    assert project.claims(earlier)["sub"] == str(PERSON)
    project.revoke_earlier_keys()
    with pytest.raises(BadToken, match="kid"):
        project.claims(earlier)


@pytest.mark.parametrize("kind", KeyKind)
def test_the_token_of_another_project_is_refused(kind: KeyKind) -> None:
    with pytest.raises(BadToken):
        Project(kind).claims(Project(kind).token(PERSON, SESSION, {}))
