"""Tokens that tell their vendor by a prefix, by each vendor's documented alphabet and length."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from .rows import FORM, NDJSON, TEXT, Case, got, header, note, sent

_TOKENS: Mapping[str, tuple[str, str]] = {
    # Models and what serves them.
    "groq": ("Groq console", "gsk_[A-Za-z0-9]{52}"),
    "xai": ("xAI API", "xai-[A-Za-z0-9]{80}"),
    "replicate": ("Replicate API", "r8_[A-Za-z0-9]{37}"),
    "perplexity": ("Perplexity API", "pplx-[A-Za-z0-9]{48}"),
    "openrouter": ("OpenRouter API", "sk-or-v1-[a-f0-9]{64}"),
    "deepseek": ("DeepSeek API", "sk-[a-f0-9]{32}"),
    "openai-svcacct": ("OpenAI service accounts", "sk-svcacct-[A-Za-z0-9_-]{74}T3BlbkFJ[A-Za-z0-9_-]{74}"),
    "openai-admin": ("OpenAI admin keys", "sk-admin-[A-Za-z0-9_-]{58}T3BlbkFJ[A-Za-z0-9_-]{58}"),
    "openai-ephemeral": ("OpenAI Realtime client secrets", "ek_[a-f0-9]{32}"),
    "openai-legacy": ("OpenAI API keys until 2024", "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    "anthropic-admin": ("Anthropic Admin API", "sk-ant-admin01-[A-Za-z0-9_-]{93}AA"),
    "anthropic-oauth": ("Claude Code OAuth", "sk-ant-oat01-[A-Za-z0-9_-]{93}AA"),
    "fireworks": ("Fireworks AI", "fw_[A-Za-z0-9]{24}"),
    "cerebras": ("Cerebras Inference", "csk-[a-z0-9]{48}"),
    "nvidia": ("NVIDIA NIM", "nvapi-[A-Za-z0-9_-]{64}"),
    "huggingface-org": ("Hugging Face organisations", "api_org_[A-Za-z]{34}"),
    "langsmith": ("LangSmith", "lsv2_pt_[a-f0-9]{32}_[a-f0-9]{10}"),
    "langfuse": ("Langfuse", "sk-lf-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"),
    "pinecone": ("Pinecone", "pcsk_[A-Za-z0-9]{5}_[A-Za-z0-9]{63}"),
    "elevenlabs": ("ElevenLabs", "sk_[a-f0-9]{48}"),
    "tavily": ("Tavily", "tvly-dev-[A-Za-z0-9]{32}"),
    "firecrawl": ("Firecrawl", "fc-[a-f0-9]{32}"),
    "jina": ("Jina AI", "jina_[a-f0-9]{32}[A-Za-z0-9_-]{28}"),
    "voyage": ("Voyage AI", "pa-[A-Za-z0-9_-]{43}"),
    "llama-cloud": ("LlamaCloud", "llx-[A-Za-z0-9]{48}"),
    "wandb": ("Weights & Biases of 2025", "wandb_v1_[A-Za-z0-9]{77}"),
    "baseten": ("Baseten", "[A-Za-z0-9]{8}.[A-Za-z0-9]{32}"),
    "modal": ("Modal", "ak-[A-Za-z0-9]{22}"),
    # Code hosting, packages and CI.
    "github-user": ("GitHub Apps", "ghu_[A-Za-z0-9]{36}"),
    "github-refresh": ("GitHub Apps", "ghr_[A-Za-z0-9]{76}"),
    "gitlab-routable": ("GitLab 18", "glpat-[A-Za-z0-9_-]{27}.01.[a-z0-9]{9}"),
    "gitlab-deploy": ("GitLab deploy tokens", "gldt-[A-Za-z0-9_-]{20}"),
    "gitlab-runner": ("GitLab runners", "glrt-[A-Za-z0-9_-]{20}"),
    "gitlab-trigger": ("GitLab pipeline triggers", "glptt-[a-f0-9]{40}"),
    "gitlab-job": ("GitLab CI job tokens", "glcbt-64_[A-Za-z0-9_-]{20}"),
    "gitlab-feed": ("GitLab feed tokens", "glft-[A-Za-z0-9_-]{20}"),
    "gitlab-oauth": ("GitLab OAuth applications", "gloas-[a-f0-9]{64}"),
    "gitlab-agent": ("GitLab agents", "glagent-[A-Za-z0-9_-]{50}"),
    "bitbucket": ("Bitbucket app passwords", "ATBB[A-Za-z0-9]{32}"),
    "atlassian-org": ("Atlassian organisations", "ATCTT3xFfGN0[A-Za-z0-9_-]{171}=[A-F0-9]{8}"),
    "azure-devops": ("Azure DevOps of 2025", "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    "circleci": ("CircleCI personal tokens", "CCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    "circleci-project": ("CircleCI project tokens", "CCIPRJ_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    "buildkite": ("Buildkite", "bkua_[a-f0-9]{40}"),
    "sonar": ("SonarQube", "squ_[a-f0-9]{40}"),
    "sourcegraph": ("Sourcegraph", "sgp_[a-f0-9]{16}_[a-f0-9]{40}"),
    "rubygems": ("RubyGems", "rubygems_[a-f0-9]{48}"),
    "crates": ("crates.io", "cio[A-Za-z0-9]{32}"),
    "nuget": ("NuGet.org", "oy2[a-z0-9]{43}"),
    "clojars": ("Clojars", "CLOJARS_[a-z0-9]{60}"),
    "testpypi": ("TestPyPI", "pypi-AgENdGVzdC5weXBpLm9yZw[A-Za-z0-9_-]{100}"),
    "docker-org": ("Docker organisations", "dckr_oat_[A-Za-z0-9_-]{32}"),
    "artifactory": ("JFrog Artifactory reference tokens", "cmVmdGtuOjAxOj[A-Za-z0-9]{50}"),
    "artifactory-key": ("JFrog Artifactory API keys", "AKCp[A-Za-z0-9]{69}"),
    "snyk": ("Snyk service accounts", "snyk_sat.[A-Za-z0-9]{8}.[A-Za-z0-9_-]{80}"),
    "prefect": ("Prefect Cloud", "pnu_[A-Za-z0-9]{36}"),
    "prefect-account": ("Prefect Cloud service accounts", "pnb_[A-Za-z0-9]{36}"),
    "readme": ("ReadMe", "rdme_[a-z0-9]{70}"),
    # Clouds, hosting and data.
    "digitalocean-oauth": ("DigitalOcean OAuth", "doo_v1_[a-f0-9]{64}"),
    "digitalocean-refresh": ("DigitalOcean OAuth", "dor_v1_[a-f0-9]{64}"),
    "heroku": ("Heroku of 2024", "HRKU-AA[A-Za-z0-9_-]{58}"),
    "fly": ("Fly.io", "fm2_[A-Za-z0-9+/]{140}"),
    "render": ("Render", "rnd_[A-Za-z0-9]{28}"),
    "netlify": ("Netlify", "nfp_[A-Za-z0-9]{36}"),
    "vercel-blob": ("Vercel Blob", "vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30}"),
    "vercel": ("Vercel of 2026", "vcp_[A-Za-z0-9]{56}"),
    "supabase-secret": ("Supabase API keys", "sb_secret_[A-Za-z0-9_-]{22}_[A-Za-z0-9]{8}"),
    "supabase-pat": ("Supabase management API", "sbp_[a-f0-9]{40}"),
    "planetscale": ("PlanetScale", "pscale_tkn_[A-Za-z0-9_-]{43}"),
    "planetscale-password": ("PlanetScale", "pscale_pw_[A-Za-z0-9_-]{43}"),
    "neon": ("Neon", "napi_[a-z0-9]{64}"),
    "neon-password": ("Neon roles", "npg_[A-Za-z0-9]{12}"),
    "databricks": ("Databricks", "dapi[a-f0-9]{32}"),
    "confluent": ("Confluent Cloud", "cflt[A-Za-z0-9+/]{60}"),
    "grafana-cloud": ("Grafana Cloud", "glc_eyJ[A-Za-z0-9+/]{80}"),
    "newrelic": ("New Relic user keys", "NRAK-[A-Z0-9]{27}"),
    "newrelic-license": ("New Relic ingest", "[a-f0-9]{36}NRAL"),
    "dynatrace": ("Dynatrace", "dt0c01.[A-Z0-9]{24}.[A-Z0-9]{64}"),
    "sentry-user": ("Sentry", "sntryu_[a-f0-9]{64}"),
    "sentry-org": ("Sentry", "sntrys_eyJ[A-Za-z0-9+/]{100}_[A-Za-z0-9+/]{43}"),
    "honeycomb": ("Honeycomb ingest", "hcaik_01[a-z0-9]{56}"),
    "logfire": ("Pydantic Logfire", "pylf_v1_us_[A-Za-z0-9]{43}"),
    "posthog": ("PostHog personal keys", "phx_[A-Za-z0-9]{43}"),
    "terraform": ("HCP Terraform", "[A-Za-z0-9]{14}.atlasv1.[A-Za-z0-9_-]{67}"),
    "vault-batch": ("HashiCorp Vault", "hvb.[A-Za-z0-9_-]{138}"),
    "pulumi": ("Pulumi Cloud", "pul-[a-f0-9]{40}"),
    "doppler": ("Doppler", "dp.pt.[A-Za-z0-9]{43}"),
    "doppler-service": ("Doppler", "dp.st.dev.[A-Za-z0-9]{43}"),
    "infisical": ("Infisical", "st.[a-f0-9]{24}.[a-f0-9]{32}.[a-f0-9]{32}"),
    "onepassword": ("1Password service accounts", "ops_eyJ[A-Za-z0-9+/]{250}"),
    "tailscale": ("Tailscale", "tskey-auth-[A-Za-z0-9]{17}-[A-Za-z0-9]{32}"),
    "alibaba": ("Alibaba Cloud", "LTAI[A-Za-z0-9]{20}"),
    "tencent": ("Tencent Cloud", "AKID[A-Za-z0-9]{32}"),
    "yandex": ("Yandex Cloud", "AQVN[A-Za-z0-9_-]{36}"),
    "yandex-oauth": ("Yandex OAuth", "y0_[A-Za-z0-9_-]{55}"),
    "azure-storage": ("Azure Storage", "[A-Za-z0-9+/]{76}+ASt[A-Za-z0-9+/]{6}=="),
    "azure-entra": ("Microsoft Entra client secrets", "[A-Za-z0-9]{3}8Q~[A-Za-z0-9_.~-]{33}[A-Za-z0-9]"),
    "azure-functions": ("Azure Functions of 2023", "[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{4}=="),
    "google-secret": ("Google OAuth clients", "GOCSPX-[A-Za-z0-9_-]{28}"),
    "google-refresh": ("Google OAuth", "1//0[A-Za-z0-9_-]{98}"),
    "google-code": ("Google OAuth", "4/0A[A-Za-z0-9_-]{70}"),
    "aws-bedrock": ("Amazon Bedrock API keys", "ABSK[A-Za-z0-9+/]{128}"),
    "cloudflare": ("Cloudflare of 2026", "cfut_[A-Za-z0-9]{48}"),
    "cloudflare-origin": ("Cloudflare Origin CA", "v1.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    # Mail, messages and money.
    "brevo": ("Brevo", "xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    "brevo-smtp": ("Brevo SMTP", "xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    "resend": ("Resend", "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    "mailchimp": ("Mailchimp", "[a-f0-9]{32}-us14"),
    "mailersend": ("MailerSend", "mlsn.[a-f0-9]{64}"),
    "mandrill": ("Mandrill", "md-[A-Za-z0-9_-]{22}"),
    "slack-app": ("Slack app tokens", "xapp-1-A[A-Z0-9]{10}-[0-9]{13}-[a-f0-9]{64}"),
    "slack-config": ("Slack configuration tokens", "xoxe.xoxp-1-[A-Za-z0-9]{163}"),
    "slack-refresh": ("Slack token rotation", "xoxe-1-[A-Za-z0-9]{147}"),
    "slack-workflow": ("Slack workflows", "xwfp-[0-9]{12}-[0-9]{12}-[A-Za-z0-9]{24}"),
    "discord-bot": ("Discord bots", "MT[A-Za-z0-9]{24}.G[A-Za-z0-9_-]{5}.[A-Za-z0-9_-]{38}"),
    "notion": ("Notion of 2024", "ntn_[0-9]{11}[A-Za-z0-9]{35}"),
    "airtable": ("Airtable", "pat[A-Za-z0-9]{14}.[a-f0-9]{64}"),
    "asana": ("Asana", "2/[0-9]{16}/[0-9]{16}:[a-f0-9]{32}"),
    "linear-oauth": ("Linear OAuth", "lin_oauth_[a-f0-9]{64}"),
    "figma-oauth": ("Figma OAuth", "figu_[A-Za-z0-9_-]{40}"),
    "postman": ("Postman", "PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    "intercom": ("Intercom", "dG9rO[A-Za-z0-9+/]{54}="),
    "hubspot": ("HubSpot private apps", "pat-na1-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"),
    "contentful": ("Contentful management", "CFPAT-[A-Za-z0-9_-]{43}"),
    "typeform": ("Typeform", "tfp_[A-Za-z0-9_-]{44}_[A-Za-z0-9]{14}"),
    "dropbox": ("Dropbox short-lived tokens", "sl.u.[A-Za-z0-9_-]{136}"),
    "shopify-secret": ("Shopify apps", "shpss_[a-f0-9]{32}"),
    "shopify-custom": ("Shopify custom apps", "shpca_[a-f0-9]{32}"),
    "square": ("Square", "EAAA[A-Za-z0-9_-]{60}"),
    "square-secret": ("Square OAuth", "sq0csp-[A-Za-z0-9_-]{43}"),
    "braintree": ("Braintree", "access_token$production$[a-z0-9]{16}$[a-f0-9]{32}"),
    "adyen": ("Adyen", "AQE[A-Za-z0-9]{80}-[A-Za-z0-9+/]{43}=-[A-Za-z0-9]{16}"),
    "flutterwave": ("Flutterwave", "FLWSECK_TEST-[a-h0-9]{32}-X"),
    "lob": ("Lob", "live_[a-f0-9]{35}"),
    "plaid": ("Plaid", "access-sandbox-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"),
    "paddle": ("Paddle", "pdl_live_apikey_01[a-z0-9]{24}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}"),
    "polar": ("Polar", "polar_oat_[A-Za-z0-9]{43}"),
    "stripe-restricted-test": ("Stripe restricted test keys", "rk_test_[A-Za-z0-9]{99}"),
    "stripe-organization": ("Stripe organisations", "sk_org_live_[A-Za-z0-9]{99}"),
    "stripe-intent": ("Stripe client secrets", "pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}"),
    "workos": ("WorkOS", "sk_test_a2V5Xz[A-Za-z0-9]{60}"),
    "okta": ("Okta SSWS", "00[A-Za-z0-9_-]{39}[A-Za-z0-9]"),
    "mapbox": ("Mapbox secret tokens", "sk.eyJ[A-Za-z0-9]{80}.[A-Za-z0-9_-]{22}"),
    "launchdarkly": ("LaunchDarkly", "api-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"),
    "statsig": ("Statsig", "secret-[A-Za-z0-9]{43}"),
    "apify": ("Apify", "apify_api_[A-Za-z0-9]{36}"),
    "age": ("age", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    "duffel": ("Duffel", "duffel_live_[A-Za-z0-9_-]{43}"),
    "easypost": ("EasyPost", "EZAK[A-Za-z0-9]{54}"),
    "shippo": ("Shippo", "shippo_live_[a-f0-9]{40}"),
    "facebook": ("Facebook Graph API", "EAA[A-Za-z0-9]{180}"),
    "instagram": ("Instagram Graph API", "IGAA[A-Za-z0-9]{170}"),
    "telegram": ("Telegram Bot API", "[1-8][0-9]{9}:AA[A-Za-z0-9_-]{33}"),
    "zuplo": ("Zuplo", "zpka_[a-z0-9]{32}_[a-z0-9]{8}"),
    "unkey": ("Unkey", "unkey_[A-Za-z0-9]{24}"),
    "trigger": ("Trigger.dev", "tr_dev_[A-Za-z0-9]{20}"),
    "inngest": ("Inngest signing keys", "signkey-prod-[a-f0-9]{64}"),
    "svix": ("Svix webhooks", "whsec_[A-Za-z0-9+/]{32}"),
    "convex": ("Convex deploy keys", "prod:happy-animal-123|eyJ[A-Za-z0-9]{80}"),
}
_BARE = frozenset({"baseten", "okta", "deepseek", "modal", "neon-password"})
"""Forms that are told only beside a word, so they stand where one is."""


def _bare(name: str, source: str, token: str) -> Case:
    return got(
        name,
        source,
        TEXT,
        f"2026-03-01T10:00:00Z INFO config loaded region=eu api_key={token} retries=3\n",
    )


def _in_line(name: str, source: str, token: str) -> Case:
    line = f"2026-03-01 10:00:00,123 WARNING client: {token} was rejected (attempt 2)\n"
    return got(name, source, TEXT, line)


def _in_ndjson(name: str, source: str, token: str) -> Case:
    return got(name, source, NDJSON, f'{{"n":1}}\n{{"n":2,"line":"env is {token}, ok"}}\n')


def _in_form(name: str, source: str, token: str) -> Case:
    return sent(name, source, FORM, f"text=%2Fconfigure+«pct:{token}»&user=ada&channel=ops")


def _in_diff(name: str, source: str, token: str) -> Case:
    return note(name, source, f"@@ -1,2 +1,2 @@\n-client = Client('{token}')\n+client = Client()")


def _in_header(name: str, source: str, token: str) -> Case:
    return header(name, source, "X-Upstream-Context", f"tenant=7; use={token}")


_PLACES = (_in_line, _in_diff, _in_ndjson, _in_form, _in_header)


def _cases() -> list[Case]:
    rows = []
    for number, (name, (source, pattern)) in enumerate(_TOKENS.items()):
        place = _bare if name in _BARE else _PLACES[number % len(_PLACES)]
        rows.append(place(f"token-{name}", source, f"«/{pattern}/»"))
    return rows


CASES = _cases()
