"""The list of all blueprints."""

from flask import Blueprint

from web import legal
from web.account import (
    account_page,
    data_rights,
    email_alerts,
    email_links,
    email_requests,
    other_account,
    second_step,
    second_step_settings,
    sign_in,
)
from web.account import supabase_account as hosted_account
from web.account import supabase_second_step as hosted_second_step
from web.admin import operator_pages
from web.api import connections as api_connections
from web.api import insights as api_insights
from web.api import socials, v1
from web.connect import by_provider, callbacks, connections, cookies, data_download, login_form, ways
from web.exports import export_page
from web.home import start_page
from web.http import assets
from web.jobs import job_page
from web.ops import cron, health, health_json
from web.profile import (
    activity,
    alerts,
    audience,
    content,
    engagers,
    followers,
    insights,
    overview,
    session_health,
    settings_page,
    sync_strip,
)
from web.profile.charts import bundle


def blueprints() -> tuple[Blueprint, ...]:
    """Every area of the site; an area is one module with its routes."""
    return (
        health.bp,
        assets.bp,
        start_page.bp,
        legal.bp,
        sign_in.bp,
        second_step.bp,
        second_step_settings.bp,
        account_page.bp,
        hosted_account.bp,
        email_links.bp,
        email_requests.bp,
        hosted_second_step.bp,
        other_account.bp,
        email_alerts.bp,
        data_rights.bp,
        ways.bp,
        by_provider.bp,
        callbacks.bp,
        connections.bp,
        login_form.bp,
        data_download.bp,
        cookies.bp,
        job_page.bp,
        alerts.bp,
        sync_strip.bp,
        overview.bp,
        followers.bp,
        content.bp,
        insights.bp,
        audience.bp,
        engagers.bp,
        export_page.bp,
        activity.bp,
        settings_page.bp,
        session_health.bp,
        v1.bp,
        api_connections.bp,
        api_insights.bp,
        socials.bp,
        cron.bp,
        health_json.bp,
        bundle.bp,
        operator_pages.bp,
    )
