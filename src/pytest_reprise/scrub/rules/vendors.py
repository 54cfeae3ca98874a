"""Token formats of vendors, each with its own prefix, as the vendors document them.

Most texts hold no token, so a text is first searched for the prefixes, which is faster than to run
each pattern.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Vendor(NamedTuple):
    """One token format."""

    rule: str
    """Id of the rule, for findings and configuration."""
    prefixes: tuple[str, ...]
    """Each token starts with one of them."""
    rest_pattern: str
    """Regular expression of what comes after the prefix."""


VENDORS = (
    Vendor("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"[A-Za-z0-9]{30,}"),
    Vendor("github-fine-grained", ("github_pat_",), r"[A-Za-z0-9_]{22,}"),
    Vendor("gitlab", ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"), r"[\w-]{20,}"),
    Vendor("slack", ("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-"), r"[A-Za-z0-9-]{10,}"),
    Vendor("slack-app", ("xapp-",), r"[A-Za-z0-9-]{20,}"),
    Vendor(
        "stripe",
        tuple(f"{kind}_{mode}_" for kind in ("sk", "rk") for mode in ("live", "test", "prod")),
        r"[A-Za-z0-9]{10,}",
    ),
    Vendor("webhook-signing", ("whsec_",), r"[A-Za-z0-9+/=]{16,}"),
    Vendor("openai", ("sk-proj-", "sk-svcacct-", "sk-admin-"), r"[\w-]{20,}"),
    Vendor("anthropic", ("sk-ant-",), r"[\w-]{20,}"),
    Vendor("openai-legacy", ("sk-",), r"[A-Za-z0-9]{32,}"),
    Vendor("aws", ("AKIA", "ASIA", "ABIA", "ACCA"), r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    Vendor("google-api", ("AIza",), r"[\w-]{35}"),
    Vendor("google-oauth", ("ya29.",), r"[\w-]{20,}"),
    Vendor("google-client", ("GOCSPX-",), r"[\w-]{20,}"),
    Vendor("sendgrid", ("SG.",), r"[\w-]{16,}\.[\w-]{16,}"),
    Vendor("mailgun", ("key-",), r"[0-9a-f]{32}(?![0-9A-Za-z])"),
    Vendor("npm", ("npm_",), r"[A-Za-z0-9]{30,}"),
    Vendor("pypi", ("pypi-",), r"[\w-]{50,}"),
    Vendor("digitalocean", ("dop_v1_", "doo_v1_", "dor_v1_"), r"[0-9a-f]{64}"),
    Vendor("shopify", ("shpat_", "shpca_", "shppa_", "shpss_"), r"[0-9a-fA-F]{32}"),
    Vendor("vault", ("hvs.", "hvb.", "hvr."), r"[\w-]{20,}"),
    Vendor("razorpay", ("rzp_live_", "rzp_test_"), r"[A-Za-z0-9]{14,}"),
    Vendor("grafana", ("glsa_", "glc_"), r"[A-Za-z0-9_+/=]{20,}"),
    Vendor("linear", ("lin_api_", "lin_oauth_"), r"[A-Za-z0-9]{30,}"),
    Vendor("figma", ("figd_", "figo_", "figu_"), r"[\w-]{20,}"),
    Vendor("hugging-face", ("hf_",), r"[A-Za-z0-9]{30,}"),
    Vendor("docker", ("dckr_pat_", "dckr_oat_"), r"[\w-]{20,}"),
    Vendor("atlassian", ("ATATT3", "ATCTT3", "ATBB"), r"[\w=-]{20,}"),
    Vendor("facebook", ("EAAC", "EAAB", "EAAG", "EAAJ"), r"[A-Za-z0-9]{30,}"),
    Vendor("square", ("sq0atp-", "sq0csp-", "EAAAE"), r"[\w-]{22,}"),
    Vendor("new-relic", ("NRAK-", "NRJS-", "NRII-"), r"[A-Za-z0-9_-]{19,}"),
    Vendor("notion", ("ntn_",), r"[A-Za-z0-9]{40,}"),
    Vendor("postman", ("PMAK-",), r"[0-9a-f]{24}-[0-9a-f]{34}"),
    Vendor("pulumi", ("pul-",), r"[0-9a-f]{40}"),
    Vendor("rubygems", ("rubygems_",), r"[0-9a-f]{48}"),
    Vendor("databricks", ("dapi",), r"[0-9a-f]{32}"),
    Vendor("doppler", ("dp.pt.", "dp.st.", "dp.ct."), r"[\w.]{40,}"),
    Vendor("planetscale", ("pscale_tkn_", "pscale_pw_", "pscale_oauth_"), r"[\w.=-]{32,}"),
    Vendor("sentry", ("sntrys_", "sntryu_"), r"[A-Za-z0-9_+/=]{40,}"),
    Vendor("supabase", ("sbp_",), r"[0-9a-f]{40}"),
    Vendor("airtable", ("pat",), r"[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    Vendor("twilio", ("SK",), r"[0-9a-f]{32}"),
    Vendor("age", ("AGE-SECRET-KEY-1",), r"[A-Z0-9]{50,}"),
)

PREFIX_PATTERN = "|".join(
    re.escape(prefix)
    for prefix in sorted((p for v in VENDORS for p in v.prefixes), key=len, reverse=True)
)
"""Regular expression of all prefixes, the longest first, since some start like others."""
