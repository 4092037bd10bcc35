"""Command-line switches of the Chromium that Rollcall starts.

They turn off services of the browser that no page needs. None of them hides what the browser is.
"""

_SERVICES_OFF = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
)
# Chromium obeys the last --disable-features alone, so the list repeats what Playwright turns off.
PLAYWRIGHTS_FEATURES_OFF = frozenset(
    {
        "AimEnabled",
        "AvoidCorsURLLoaderRestartOnRedirect",
        "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose",
        "HttpsFirstBalancedModeAutoEnable",
        "HttpsUpgrades",
        "LensOverlay",
        "MediaRouter",
        "NetworkTimeServiceQuerying",
        "OptimizationHints",
        "PaintHolding",
        "PreconnectToSearch",
        "TcpPortRandomizationWin",
        "ThirdPartyStoragePartitioning",
        "msEdgeUpdateLaunchServicesPreferredVersion",
        "msForceBrowserSignIn",
    }
)
# Each window loads two pages for the suggestions under its address bar, and each context keeps a spare renderer:
# half the processor time of opening a page, and never used here.
_OWN_FEATURES_OFF = frozenset(
    {"SpareRendererForSitePerProcess", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxPopup"}
)
# A browser elsewhere may belong to another Playwright, with another list of features.
REMOTE = _SERVICES_OFF
LOCAL = (*_SERVICES_OFF, f"--disable-features={','.join(sorted(PLAYWRIGHTS_FEATURES_OFF | _OWN_FEATURES_OFF))}")
