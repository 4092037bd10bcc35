"""A visitor with a cookie jar who calls the stand-in as its own pages do."""

import time

import httpx

from sandbox.server import Credentials

APP_ID = "936619743392459"
LOGIN = "/api/v1/web/accounts/login/ajax/"
CODE = "/api/v1/web/accounts/login/ajax/two_factor/"
SMS = "/api/v1/web/accounts/send_two_factor_login_sms/"
AGENT = "visitor/1"


class Visitor:
    """One browser; ``http`` holds its cookies and sends what the site's script would."""

    def __init__(self, credentials: Credentials) -> None:
        self.of = credentials
        self.http = httpx.Client(base_url=credentials.url, headers=page_headers(credentials.url))

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Post a form with the csrf token of the cookie."""
        return self.http.post(path, data=fields, headers={"X-CSRFToken": self.http.cookies.get("csrftoken") or ""})

    def open_login_page(self) -> httpx.Response:
        """Get the device cookies."""
        return self.http.get("/accounts/login/")

    def try_password(self, password: str, username: str | None = None) -> httpx.Response:
        """Send username and password as the login page does."""
        enc_password = f"#PWD_INSTAGRAM_BROWSER:0:{int(time.time())}:{password}"
        return self.post(LOGIN, username=username or self.of.username, enc_password=enc_password)

    def try_code(self, identifier: str, code: str, method: str) -> httpx.Response:
        """Answer a two-factor challenge."""
        return self.post(
            CODE, username=self.of.username, identifier=identifier, verificationCode=code, verification_method=method
        )

    def log_in(self) -> httpx.Response:
        """Log in with password and, where it is asked for, the authenticator's code."""
        self.open_login_page()
        answer = self.try_password(self.of.password)
        if answer.status_code == 400:
            identifier = answer.json()["two_factor_info"]["two_factor_identifier"]
            answer = self.try_code(identifier, self.totp() or "", "3")
        return answer

    def totp(self) -> str | None:
        """What the person's authenticator shows, by the control route."""
        code: str | None = httpx.get(self.of.phone_url).json()["totp"]
        return code

    def messages(self) -> list[dict[str, str]]:
        """What was sent to the person's phone, newest last."""
        sent: list[dict[str, str]] = httpx.get(self.of.phone_url).json()["messages"]
        return sent

    def control(self, path: str, **body: object) -> httpx.Response:
        """Post to a control route."""
        return httpx.post(f"{self.of.url}/_sandbox/{path}", json=body)

    def truth(self, since: str | None = None) -> dict[str, list[dict[str, object]]]:
        """What is really so, and what changed since ``since``."""
        params = {} if since is None else {"since": since}
        rows: dict[str, list[dict[str, object]]] = httpx.get(
            f"{self.of.url}/_sandbox/truth/{self.of.username}", params=params
        ).json()
        return rows


def page_headers(url: str) -> dict[str, str]:
    """The headers of a call from the site's own page."""
    return {
        "X-IG-App-ID": APP_ID,
        "X-Requested-With": "XMLHttpRequest",
        "Referer": f"{url}/",
        "User-Agent": AGENT,
    }
