"""The pages about privacy and terms: those of the operator where they are set, else what Rollcall itself can say."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from shared.platforms import PLATFORMS
from web.services import services

bp = Blueprint("legal", __name__)


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    settings = services().settings
    if settings.privacy_url is not None:
        return redirect(settings.privacy_url)
    providers = [provider for platform in PLATFORMS.values() for provider in platform.providers.values()]
    return render_template(
        "legal/privacy.html",
        providers=providers,
        hosted=settings.supabase_url is not None,
        reports_faults=settings.sentry_dsn is not None,
        keep_jobs=settings.keep_jobs,
        keep_exports=settings.export_lifetime,
    )


@bp.get("/terms")
def terms() -> ResponseReturnValue:
    settings = services().settings
    if settings.terms_url is not None:
        return redirect(settings.terms_url)
    return render_template("legal/terms.html", platforms=[platform.label for platform in PLATFORMS.values()])
