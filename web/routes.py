"""Which blueprints there are, in one list."""

from flask import Blueprint

from web import (
    account,
    account_data,
    activity,
    admin,
    alerts,
    api,
    archive,
    assets,
    audience,
    auth,
    connect,
    connect_cookies,
    content,
    exports,
    followers,
    health,
    home,
    jobs,
    mail_wishes,
    profile_settings,
    profiles,
    second_step,
    second_step_account,
    session_health,
    sync_strip,
)
from web.charts import bundle
from web.hosted import account as hosted_account
from web.hosted import links, mails, other_account
from web.hosted import second_step as hosted_second_step


def blueprints() -> tuple[Blueprint, ...]:
    """Every area of the site; an area is one module with its routes."""
    return (
        health.bp,
        assets.bp,
        home.bp,
        auth.bp,
        second_step.bp,
        second_step_account.bp,
        account.bp,
        hosted_account.bp,
        links.bp,
        mails.bp,
        hosted_second_step.bp,
        other_account.bp,
        mail_wishes.bp,
        account_data.bp,
        connect.bp,
        archive.bp,
        connect_cookies.bp,
        jobs.bp,
        alerts.bp,
        sync_strip.bp,
        profiles.bp,
        followers.bp,
        content.bp,
        audience.bp,
        exports.bp,
        activity.bp,
        profile_settings.bp,
        session_health.bp,
        api.bp,
        bundle.bp,
        admin.bp,
    )
