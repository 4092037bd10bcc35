"""Maps the labels of past insights, mended and in lower case, to their metrics."""

from __future__ import annotations

import re

# Labels in English and Portuguese are known; the Spanish ones follow the same interface. A product's prefixes
# ("Instagram Likes") are taken off first.
METRICS = {
    "accounts reached": "reach",
    "contas alcançadas": "reach",
    "cuentas alcanzadas": "reach",
    "impressions": "impressions",
    "impressões": "impressions",
    "impresiones": "impressions",
    "views": "views",
    "visualizações": "views",
    "plays": "plays",
    "reproduções": "plays",
    "reproducciones": "plays",
    "likes": "likes",
    "curtidas": "likes",
    "me gusta": "likes",
    "comments": "comments",
    "comentários": "comments",
    "comentarios": "comments",
    "shares": "shares",
    "compartilhamentos": "shares",
    "veces que se compartió": "shares",
    "saves": "saves",
    "salvamentos": "saves",
    "guardados": "saves",
    "replies": "replies",
    "respostas": "replies",
    "respuestas": "replies",
    "follows": "follows",
    "seguimentos": "follows",
    "seguimientos": "follows",
    "unfollows": "unfollows",
    "profile visits": "profile_visits",
    "visitas ao perfil": "profile_visits",
    "visitas al perfil": "profile_visits",
    "website taps": "website_taps",
    "external link taps": "website_taps",
    "toques no site": "website_taps",
    "email button taps": "email_taps",
    "call button taps": "call_taps",
    "text button taps": "text_taps",
    "business address taps": "direction_taps",
    "profile activity": "profile_activity",
    "content interactions": "content_interactions",
    "interações com o conteúdo": "content_interactions",
    "post interactions": "post_interactions",
    "reel interactions": "reel_interactions",
    "reels interactions": "reel_interactions",
    "story interactions": "story_interactions",
    "video interactions": "video_interactions",
    "live video interactions": "live_video_interactions",
    "post likes": "post_likes",
    "post comments": "post_comments",
    "post shares": "post_shares",
    "post saves": "post_saves",
    "reels likes": "reel_likes",
    "reels comments": "reel_comments",
    "reels shares": "reel_shares",
    "reels saves": "reel_saves",
    "story replies": "story_replies",
    "story shares": "story_shares",
    "accounts engaged": "accounts_engaged",
    "engaged account by follow type": "engaged_by_follow_type",
    "engaged accounts by follow type": "engaged_by_follow_type",
    "followers": "followers",
    "seguidores": "followers",
    "non-followers": "non_followers",
    "followers delta": "followers_change_percent",
    "overall followers": "followers_change",
    "follower percentage by town/city": "followers_by_city",
    "follower percentage by city": "followers_by_city",
    "follower percentage by country": "followers_by_country",
    "follower percentage by age for all genders": "followers_by_age",
    "follower percentage by age for men": "followers_by_age_men",
    "follower percentage by age for women": "followers_by_age_women",
    "total follower percentage for men": "followers_men_percent",
    "total follower percentage for women": "followers_women_percent",
    "follower activity": "follower_activity",
}
PERIOD_LABELS = frozenset({"date range", "intervalo de datas", "período", "intervalo de fechas"})
CREATION_LABELS = frozenset(
    {
        "creation timestamp",
        "upload timestamp",
        "registro de data e hora da criação",
        "registro de data e hora do carregamento",
        "marca de tiempo de creación",
    }
)
# Known labels without numbers of their own.
PASSED_OVER = (
    PERIOD_LABELS | CREATION_LABELS | {"duration", "duração", "duración", "caption", "media thumbnail", "title"}
)
# "Followers" here are those among the accounts reached; elsewhere they are all of the account's.
_OF_REACH = frozenset({"profiles_reached", "accounts_reached"})
_PRODUCT = re.compile(r"^(instagram|facebook) ")
_CHANGE = re.compile(r" (delta|change)$")


def metric_of(label: str, file: str = "") -> str | None:
    """The metric of a label in a file of this name; None for an unknown one."""
    known = METRICS.get(label) or METRICS.get(_PRODUCT.sub("", label))
    if known in ("followers", "non_followers") and file in _OF_REACH:
        return f"reach_{known}"
    if known is None and _CHANGE.search(label):
        base = metric_of(_CHANGE.sub("", label), file)
        known = f"{base}_change_percent" if base else None
    return f"facebook_{known}" if known and label.startswith("facebook ") else known
