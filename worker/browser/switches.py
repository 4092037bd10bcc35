"""Command-line switches of the Chromium that Rollcall starts.

They turn off browser services that no page needs. None of them hides that it is Chromium.
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
# Chromium obeys only the last --disable-features, so the list repeats Playwright's own.
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
# A remote browser may belong to another Playwright version, with another list of features.
REMOTE = _SERVICES_OFF
LOCAL = (*_SERVICES_OFF, f"--disable-features={','.join(sorted(PLAYWRIGHTS_FEATURES_OFF | _OWN_FEATURES_OFF))}")
