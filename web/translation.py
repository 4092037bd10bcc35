"""The language of the pages: `_` and `ngettext` for texts, the names of months, and how templates translate.

English is the only language.

`babel.cfg` says where the messages stand. `pybabel extract -F babel.cfg -k Message -k plural:1,2 .` collects them.
"""

from __future__ import annotations

from datetime import date
from importlib import import_module

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, g
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from shared import messages

# The package has no types.
_flask_babel = import_module("flask_babel")
_ENGLISH = "en"
_ZONE = "UTC"
_NONE = NullTranslations()
Catalog = NullTranslations | Translations


def gettext(text: str, **params: object) -> str:
    """Returns the text in the reader's language, with `%(name)s` filled in where there are values."""
    found = _catalog().gettext(text)
    return found % params if params else found


_ = gettext


def ngettext(one: str, many: str, count: int, **params: object) -> str:
    """Returns the form for `count`; `%(num)s` in it is the count as people read it: "1,250 followers"."""
    params.setdefault("num", f"{count:,}")
    return _catalog().ngettext(one, many, count) % params


def translate(text: str | None) -> str:
    """Returns a marked text (`shared.messages.Message`) in the reader's language, with its values; "" for None."""
    return messages.render(text or "", gettext)


def language() -> str:
    """Returns the tag of the reader's language, such as "en"."""
    locale = _flask_babel.get_locale()
    return _ENGLISH if locale is None else str(locale).replace("_", "-")


def month(of: date) -> str:
    """Returns the short name of a day's month in the reader's language, such as "Nov"."""
    locale = _flask_babel.get_locale() or Locale(_ENGLISH)
    return str(locale.months["format"]["abbreviated"][of.month])


def add_to(app: Flask) -> None:
    """Lets templates translate by `_`, `ngettext` and `{% trans %}`."""
    # Each profile has its own time zone, and nothing chooses another language yet.
    _flask_babel.Babel(app, configure_jinja=False, locale_selector=lambda: _ENGLISH, timezone_selector=lambda: _ZONE)
    env = app.jinja_env
    env.policies["ext.i18n.trimmed"] = True
    # Comes first: `extend` keeps what is set, and the extension would set False.
    env.extend(newstyle_gettext=True)
    env.add_extension("jinja2.ext.i18n")
    env.globals.update({"_": _in_template, "gettext": _in_template, "ngettext": _counted_in_template})


def _catalog() -> Catalog:
    """The reader's catalog, looked up once a request: flask-babel's own lookup is too slow for long lists."""
    try:
        found: Catalog | None = g.get("catalog")
    except RuntimeError:
        # Outside a request, as on a command line, everything stays in English.
        return _NONE
    if found is None:
        found = g.catalog = _flask_babel.get_translations()
    return found


@pass_eval_context
def _in_template(context: EvalContext, text: str, /, **params: object) -> str:
    """The message as markup, with values escaped: a message is our own text and may hold tags, a value never."""
    return _filled(context, _catalog().gettext(text), params)


@pass_eval_context
def _counted_in_template(context: EvalContext, one: str, many: str, count: int, /, **params: object) -> str:
    params.setdefault("num", f"{count:,}")
    return _filled(context, _catalog().ngettext(one, many, count), params)


def _filled(context: EvalContext, text: str, params: dict[str, object]) -> str:
    made = Markup(text) if context.autoescape else text  # noqa: S704
    return made % params if params or "%" in text else made
