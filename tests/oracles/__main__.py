"""Makes the goldens of the statistics anew from SciPy, statsmodels and lifelines: `bin/test --oracles`.

It needs those libraries and nothing of the project, so that no mistake is on both sides. It says which files changed.
"""

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from scipy import special, stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.robust.scale import mad
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

GOLDENS = Path(__file__).resolve().parents[1] / "unit" / "domain" / "statistics" / "goldens"
_DIGITS = 12
_SEED = 12


def numbers(values: Any) -> list[float | None]:
    """The values as JSON has them, to twelve digits, null for NaN."""
    return [None if np.isnan(one) else float(f"{one:.{_DIGITS}g}") for one in np.asarray(values, dtype=float)]


def scipy_cases() -> dict[str, Any]:
    """Tail probabilities, and the interval of a median."""
    triples = [(0.5, 0.5, 0.3), (2, 3, 0.4), (80, 2.5, 0.95), (400, 300, 0.6), (1.5, 900, 0.001), (30, 0.4, 0.999)]
    students = [(0.1, 3), (2.0, 10), (-3.1, 28), (4.4, 198), (6.0, 20.5)]
    binomials = [(0, 6, 0.5), (3, 10, 0.5), (480, 1000, 0.5), (9, 10, 0.9)]
    poissons = [(1, 0.2), (5, 2.5), (12, 40.0), (80, 40.0)]
    counts = [(1, 0.3, 2.0), (7, 3.0, 2.5), (40, 6.0, 3.0), (90, 40.0, 10.0), (500, 700.0, 8.0), (3, 1.5, 40.0)]
    rng = np.random.default_rng(_SEED)
    samples = [numbers(rng.lognormal(0, 0.8, n)) for n in (6, 15, 40, 101)]
    medians = [stats.quantile_test(s, q=0, p=0.5).confidence_interval() for s in samples]
    return {
        "beta_ratio": [[*t, *numbers([special.betainc(*t)])] for t in triples],
        "student_two_sided": [[t, df, *numbers([2 * stats.t.sf(abs(t), df)])] for t, df in students],
        "binomial_at_most": [[*b, *numbers([stats.binom.cdf(*b)])] for b in binomials],
        "poisson_at_least": [[x, m, *numbers([stats.poisson.sf(x - 1, m)])] for x, m in poissons],
        "negative_binomial_at_least": [
            [x, m, k, *numbers([stats.nbinom.sf(x - 1, k, k / (k + m))])] for x, m, k in counts
        ],
        "median_interval": [[s, *numbers([m.low, m.high])] for s, m in zip(samples, medians, strict=True)],
    }


def statsmodels_cases() -> dict[str, Any]:
    """Corrections, shares, shrinkage, robust spread, and stays that begin late."""
    rng = np.random.default_rng(_SEED)
    p_values = [numbers(rng.uniform(0, 1, n) ** 3) for n in (1, 7, 25)]
    shares = [(0, 12), (3, 10), (60, 64), (500, 1000), (20, 20)]
    groups = [(numbers(rng.normal(0, s, 16)), numbers(rng.uniform(0.01, 0.1, 16))) for s in (0.01, 0.4)]
    values = numbers(rng.normal(2, 0.3, 31))
    return {
        "bonferroni": [[p, numbers(multipletests(p, method="bonferroni")[1])] for p in p_values],
        "benjamini_hochberg": [[p, numbers(multipletests(p, method="fdr_bh")[1])] for p in p_values],
        "share_interval": [[*s, *numbers(proportion_confint(*s, method="wilson"))] for s in shares],
        "between_groups": [
            [m, v, *numbers([max(0.0, combine_effects(np.array(m), np.array(v), method_re="dl").tau2)])]
            for m, v in groups
        ],
        "modified_z": [
            [values, x, *numbers([(x - np.median(np.array(values, float))) / mad(values)])] for x in (2.1, 0.4, 5.0)
        ],
        "kaplan_meier": [late_stays(n) for n in (30, 200)],
    }


def stays(number: int) -> tuple[Any, Any, Any]:
    """Late entries, ends and ways of leaving, no two alike in time."""
    rng = np.random.default_rng(_SEED + number)
    entry = np.where(np.arange(number) % 3 == 0, rng.uniform(0, 20, number), 0.0).round(4)
    end = (entry + rng.exponential(40, number) + 0.001).round(4)
    return entry, end, rng.integers(0, 3, number)


def late_stays(number: int) -> dict[str, Any]:
    """One curve with late entries, where the first way is the event."""
    entry, end, way = stays(number)
    curve = SurvfuncRight(end, (way == 1).astype(int), entry=entry)
    return {
        "entry": numbers(entry),
        "end": numbers(end),
        "way": way.tolist(),
        "ages": numbers(curve.surv_times),
        "at_risk": numbers(curve.n_risk),
        "share": numbers(curve.surv_prob),
        "deviation": numbers(curve.surv_prob_se),
    }


def lifelines_cases() -> dict[str, Any]:
    """Kaplan-Meier with late entry and its log-log interval, and the shares of competing ways of leaving."""
    made: dict[str, Any] = {"kaplan_meier": [], "leaving_shares": []}
    for number in (30, 200):
        entry, end, way = stays(number)
        case = {"entry": numbers(entry), "end": numbers(end), "way": way.tolist()}
        fitted = KaplanMeierFitter().fit(end, way == 1, entry=entry)
        ages = np.unique(end[way == 1])
        ends = fitted.confidence_interval_.loc[ages].to_numpy().T
        share = fitted.survival_function_.loc[ages].iloc[:, 0]
        made["kaplan_meier"].append(
            {**case, "ages": numbers(ages), "share": numbers(share), "low": numbers(ends[0]), "high": numbers(ends[1])}
        )
        shares = [leaving_share(end, way, one) for one in (1, 2)]
        made["leaving_shares"].append({"end": case["end"], "way": case["way"], "shares": shares})
    return made


def leaving_share(end: Any, way: Any, one: int) -> list[float | None]:
    """The share who left by one way, at each age at which anyone left."""
    fitted = AalenJohansenFitter(calculate_variance=False).fit(end, way, event_of_interest=one)
    return numbers(fitted.cumulative_density_.loc[np.unique(end[way > 0])].iloc[:, 0])


MAKERS: dict[str, Callable[[], dict[str, Any]]] = {
    "scipy": scipy_cases,
    "statsmodels": statsmodels_cases,
    "lifelines": lifelines_cases,
}


def main() -> None:
    """Writes a file for each library and says which of them differ from before."""
    for name, make in MAKERS.items():
        path = GOLDENS / f"{name}.json"
        text = json.dumps({"versions": {p: version(p) for p in ("numpy", name)}, **make()}) + "\n"
        changed = not path.exists() or path.read_text(encoding="utf-8") != text
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}: {'written anew, read the diff' if changed else 'as before'}\n")


if __name__ == "__main__":
    main()
