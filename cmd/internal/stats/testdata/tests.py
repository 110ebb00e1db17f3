"""Records what scipy and statsmodels make of samples, as fixtures for Go tests.

    python3 -m venv venv
    venv/bin/pip install scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python tests.py
"""

import json
import random
from pathlib import Path

from scipy import stats
from statsmodels.stats.multitest import multipletests

random.seed(1)


def sample(n, mean, spread):
    return [round(random.gauss(mean, spread), 4) for _ in range(n)]


pairs = []
for sizes in [(2, 2), (2, 3), (5, 3), (5, 5), (10, 5), (30, 2)]:
    for apart in [0.02, 0.1, 0.5, 2.0]:
        a, b = sample(sizes[0], 98.5, 0.05), sample(sizes[1], 98.5 + apart, 0.1)
        changes = sample(sizes[0], apart, 0.1)
        freedom, error = len(a) - 1, stats.sem(a)
        low, high = stats.t.interval(0.95, freedom, loc=sum(a) / len(a), scale=error)
        pairs.append({
            "a": a, "b": b, "changes": changes,
            "welch": stats.ttest_ind(a, b, equal_var=False).pvalue,
            "zero": stats.ttest_1samp(changes, 0).pvalue,
            "low": low, "high": high,
            "reach": stats.t.ppf(0.975, freedom) * error * (len(a) + 1) ** 0.5,
        })
families = []
for n in [1, 2, 3, 6, 20]:
    ps = [random.random() ** 4 for _ in range(n)]
    families.append({"p": ps, "holm": list(multipletests(ps, method="holm")[1])})
out = {"pairs": pairs, "families": families}
rows = {k: ",\n".join(json.dumps(row) for row in v) for k, v in out.items()}
text = ",\n".join(f'"{k}": [\n{v}\n]' for k, v in rows.items())
Path(__file__).with_name("tests.json").write_text("{" + text + "}\n")
