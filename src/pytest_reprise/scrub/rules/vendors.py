"""Token formats of vendors, each with its own prefix or mark, as the vendors document them.

One row is one format; a new format is one more line. Most texts hold no token, so a text is first
searched for the prefixes, which is faster than to run each pattern.
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
    source: str
    """Where the format is documented."""
    may_be_words: bool = False
    """Whether words look the same, which are then no token: `pa-`, and a slug of 43 characters."""


class Marked(NamedTuple):
    """A token format whose fixed part is not at the start."""

    rule: str
    mark: str
    """The fixed part."""
    pattern: str
    """Regular expression of the whole token. It starts at the start of a word."""
    source: str


_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_END = "(?![A-Za-z0-9])"

# ruff: noqa: E501
# fmt: off
VENDORS = (
    # Code hosting, packages and CI.
    Vendor("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"[A-Za-z0-9]{30,}", "GitHub docs, token formats"),
    Vendor("github-fine-grained", ("github_pat_",), r"[A-Za-z0-9_]{22,}", "GitHub docs, token formats"),
    Vendor("gitlab", ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "gloas-", "glagent-", "glimt-", "glsoat-", "glffct-"), r"[\w-]{20,}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?", "GitLab docs, token overview"),
    Vendor("atlassian", ("ATATT3", "ATCTT3", "ATBB", "ATTA"), r"[\w=-]{20,}", "Atlassian support, API tokens"),
    Vendor("circleci", ("CCIPAT_", "CCIPRJ_"), r"[A-Za-z0-9]{16,}_[0-9a-f]{40}", "CircleCI docs, API tokens"),
    Vendor("buildkite", ("bkua_", "bkaj_"), r"[0-9a-f]{40}", "Buildkite docs, API tokens"),
    Vendor("teamcity", ("eyJ0eXAiOiAiVENWMiJ9.",), r"[\w-]{20,}\.[\w-]{20,}", "TeamCity docs, access tokens"),
    Vendor("apple-session", ("DAWTKNV",), r"[A-Za-z0-9]{60,}", "fastlane docs, sessions of Apple IDs"),
    Vendor("sonar", ("squ_", "sqp_", "sqa_"), r"[0-9a-f]{40}", "SonarQube docs, tokens"),
    Vendor("sourcegraph", ("sgp_", "sgd_"), r"(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}", "Sourcegraph docs, access tokens"),
    Vendor("npm", ("npm_",), r"[A-Za-z0-9]{30,}", "npm docs, access tokens"),
    Vendor("pypi", ("pypi-",), r"[\w-]{50,}", "PyPI help, API tokens"),
    Vendor("rubygems", ("rubygems_",), r"[0-9a-f]{48}", "RubyGems guides, API keys"),
    Vendor("crates", ("cio",), rf"[A-Za-z0-9]{{32}}{_END}", "crates.io source, token format"),
    Vendor("nuget", ("oy2",), rf"[a-z0-9]{{43}}{_END}", "NuGet docs, API keys"),
    Vendor("clojars", ("CLOJARS_",), r"[0-9a-z]{60}", "Clojars wiki, deploy tokens"),
    Vendor("docker-swarm", ("SWMTKN-1-", "SWMKEY-1-"), r"[A-Za-z0-9+/-]{40,}", "Docker docs, swarm join tokens"),
    Vendor("docker", ("dckr_pat_", "dckr_oat_"), r"[\w-]{20,}", "Docker docs, access tokens"),
    Vendor("artifactory", ("AKCp",), r"[A-Za-z0-9]{60,}", "JFrog docs, API keys"),
    Vendor("artifactory-reference", ("cmVmdGtuOj",), r"[A-Za-z0-9]{50,}", "JFrog docs, reference tokens"),
    Vendor("snyk", ("snyk_sat.", "snyk_uat."), r"[0-9A-Za-z]{8}\.[\w-]{60,}", "Snyk docs, service accounts"),
    Vendor("prefect", ("pnu_", "pnb_"), r"[A-Za-z0-9]{36}", "Prefect docs, API keys"),
    Vendor("readme", ("rdme_",), r"[a-z0-9]{70}", "ReadMe docs, API keys"),
    Vendor("postman", ("PMAK-",), r"[0-9a-f]{24}-[0-9a-f]{34}", "Postman docs, API keys"),
    Vendor("pulumi", ("pul-",), r"[0-9a-f]{40}", "Pulumi docs, access tokens"),
    # Language models and what serves them.
    Vendor("openai", ("sk-proj-", "sk-svcacct-", "sk-admin-"), r"[\w-]{20,}", "OpenAI docs, API keys"),
    Vendor("openai-ephemeral", ("ek_",), rf"[0-9a-f]{{32}}{_END}", "OpenAI docs, client secrets of Realtime"),
    Vendor("anthropic", ("sk-ant-",), r"[\w-]{20,}", "Anthropic docs, API keys"),
    Vendor("openrouter", ("sk-or-v1-",), r"[0-9a-f]{64}", "OpenRouter docs, API keys"),
    Vendor("langfuse", ("sk-lf-",), _UUID, "Langfuse docs, API keys"),
    Vendor("gemini-ephemeral", ("auth_tokens/",), r"[0-9a-f]{32,}", "Gemini docs, ephemeral tokens"),
    Vendor("openai-legacy", ("sk-",), r"[A-Za-z0-9]{32,}", "OpenAI docs, API keys"),
    Vendor("litellm", ("sk-",), r"[\w-]{22}(?![\w-])", "LiteLLM docs, virtual keys", True),
    Vendor("groq", ("gsk_",), r"[A-Za-z0-9]{40,}", "Groq docs, API keys"),
    Vendor("xai", ("xai-",), r"[A-Za-z0-9]{60,}", "xAI docs, API keys"),
    Vendor("replicate", ("r8_",), r"[A-Za-z0-9]{37}", "Replicate docs, API tokens"),
    Vendor("perplexity", ("pplx-",), r"[A-Za-z0-9]{40,}", "Perplexity docs, API keys"),
    Vendor("fireworks", ("fw_",), rf"[A-Za-z0-9]{{22,24}}{_END}", "Fireworks docs, API keys"),
    Vendor("cerebras", ("csk-",), r"[a-z0-9]{48}", "Cerebras docs, API keys"),
    Vendor("together", ("tgp_v1_",), r"[\w-]{40,}", "Together AI docs, API keys"),
    Vendor("runpod", ("rpa_",), r"[A-Za-z0-9]{40,}", "Runpod docs, API keys"),
    Vendor("e2b", ("e2b_",), rf"[0-9a-f]{{40}}{_END}", "E2B docs, API keys"),
    Vendor("nvidia", ("nvapi-",), r"[\w-]{60,}", "NVIDIA docs, API keys of NIM"),
    Vendor("hugging-face", ("hf_", "api_org_"), r"[A-Za-z0-9]{30,}", "Hugging Face docs, user access tokens"),
    Vendor("langsmith", ("lsv2_pt_", "lsv2_sk_"), r"[0-9a-f]{32}_[0-9a-f]{10}", "LangSmith docs, API keys"),
    Vendor("pinecone", ("pcsk_",), r"[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,}", "Pinecone docs, API keys"),
    Vendor("elevenlabs", ("sk_",), rf"[0-9a-f]{{48}}{_END}", "ElevenLabs docs, API keys"),
    Vendor("tavily", ("tvly-",), r"(?:dev-|prod-)?[A-Za-z0-9-]{20,}", "Tavily docs, API keys"),
    Vendor("firecrawl", ("fc-",), rf"[0-9a-f]{{32}}{_END}", "Firecrawl docs, API keys"),
    Vendor("jina", ("jina_",), r"[\w-]{60}", "Jina docs, API keys"),
    Vendor("voyage", ("pa-",), r"[\w-]{43}(?![\w-])", "Voyage AI docs, API keys", True),
    Vendor("llama-cloud", ("llx-",), r"[A-Za-z0-9]{40,}", "LlamaCloud docs, API keys"),
    Vendor("wandb", ("wandb_v1_",), r"[A-Za-z0-9_]{60,}", "Weights & Biases docs, API keys"),
    # Clouds, hosting and data.
    Vendor("aws", ("AKIA", "ASIA", "ABIA", "ACCA"), rf"[A-Z0-9]{{16}}{_END}", "AWS IAM guide, unique identifiers"),
    Vendor("aws-bedrock", ("ABSK",), r"[A-Za-z0-9+/]{100,}={0,2}", "Amazon Bedrock guide, API keys"),
    Vendor("google-api", ("AIza",), r"[\w-]{35}", "Google Cloud docs, API keys"),
    Vendor("google-oauth", ("ya29.",), r"[\w-]{20,}", "Google identity docs, token types"),
    Vendor("google-refresh", ("1//0",), r"[\w-]{40,}", "Google identity docs, token types"),
    Vendor("google-code", ("4/0A",), r"[\w-]{40,}", "Google identity docs, token types"),
    Vendor("google-client", ("GOCSPX-",), r"[\w-]{20,}", "Google identity docs, client secrets"),
    Vendor("alibaba", ("LTAI",), rf"[A-Za-z0-9]{{12,24}}{_END}", "Alibaba Cloud docs, AccessKey pairs"),
    Vendor("tencent", ("AKID",), rf"[A-Za-z0-9]{{32}}{_END}", "Tencent Cloud docs, CAM keys"),
    Vendor("yandex", ("AQVN",), r"[\w-]{35,38}", "Yandex Cloud docs, API keys"),
    Vendor("yandex-oauth", ("y0_",), r"[\w-]{50,}", "Yandex OAuth docs, tokens"),
    Vendor("digitalocean", ("dop_v1_", "doo_v1_", "dor_v1_"), r"[0-9a-f]{64}", "DigitalOcean docs, token formats"),
    Vendor("cloudflare", ("cfut_", "cfat_", "cfk_"), r"[A-Za-z0-9]{40,}", "Cloudflare docs, token formats"),
    Vendor("cloudflare-tunnel", ("eyJhIjoi",), r"[A-Za-z0-9+/_-]{120,}={0,2}", "Cloudflare docs, tunnel tokens"),
    Vendor("cloudflare-origin", ("v1.0-",), r"[0-9a-f]{24}-[0-9a-f]{146}", "Cloudflare docs, Origin CA keys"),
    Vendor("heroku", ("HRKU-",), r"[\w-]{36,}", "Heroku changelog, token format"),
    Vendor("fly", ("fm2_", "fo1_"), r"[A-Za-z0-9+/=_-]{40,}", "Fly.io docs, tokens"),
    Vendor("render", ("rnd_",), rf"[A-Za-z0-9]{{28,}}{_END}", "Render docs, API keys"),
    Vendor("netlify", ("nfp_", "nfc_", "nfo_", "nfu_", "nfb_"), r"[A-Za-z0-9]{36}", "Netlify docs, token formats"),
    Vendor("vercel", ("vcp_", "vci_", "vca_", "vcr_", "vck_"), r"[A-Za-z0-9]{24,}", "Vercel docs, token formats"),
    Vendor("vercel-blob", ("vercel_blob_rw_",), r"[A-Za-z0-9]{16}_[A-Za-z0-9]{30}", "Vercel docs, Blob tokens"),
    Vendor("supabase", ("sbp_",), r"[0-9a-f]{40}", "Supabase docs, access tokens"),
    Vendor("supabase-secret", ("sb_secret_",), r"[\w-]{20,}", "Supabase docs, API keys"),
    Vendor("planetscale", ("pscale_tkn_", "pscale_pw_", "pscale_oauth_"), r"[\w.=-]{32,}", "PlanetScale docs, token formats"),
    Vendor("neon", ("napi_",), r"[a-z0-9]{40,}", "Neon docs, API keys"),
    Vendor("databricks", ("dapi",), r"[0-9a-f]{32}", "Databricks docs, access tokens"),
    Vendor("confluent", ("cflt",), r"[A-Za-z0-9+/]{60}", "Confluent docs, API secrets"),
    Vendor("vault", ("hvs.", "hvb.", "hvr."), r"[\w-]{20,}", "Vault docs, token prefixes"),
    Vendor("doppler", ("dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."), r"[\w.-]{40,}", "Doppler docs, token formats"),
    Vendor("infisical", ("st.",), r"[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}", "Infisical docs, service tokens"),
    Vendor("onepassword", ("ops_eyJ",), r"[A-Za-z0-9+/_-]{200,}={0,2}", "1Password docs, service accounts"),
    Vendor("tailscale", ("tskey-",), r"[a-z]{2,9}-[A-Za-z0-9]{10,}-[A-Za-z0-9]{20,}", "Tailscale docs, key prefixes"),
    Vendor("age", ("AGE-SECRET-KEY-1",), r"[A-Z0-9]{50,}", "age specification"),
    # Monitoring and flags.
    Vendor("grafana", ("glsa_", "glc_"), r"[A-Za-z0-9_+/=]{20,}", "Grafana docs, service accounts"),
    Vendor("grafana-legacy", ("eyJrIjoi",), r"[A-Za-z0-9+/]{60,}={0,2}", "Grafana docs, API keys"),
    Vendor("axiom", ("xaat-", "xapt-"), _UUID, "Axiom docs, API tokens"),
    Vendor("new-relic", ("NRAK-", "NRJS-", "NRII-"), r"[A-Za-z0-9_-]{19,}", "New Relic docs, API keys"),
    Vendor("dynatrace", ("dt0c01.", "dt0s01.", "dt0s02.", "dt0s08.", "dt0s16."), r"[A-Z0-9]{8,24}\.[A-Z0-9]{64}", "Dynatrace docs, token format"),
    Vendor("sentry", ("sntrys_", "sntryu_"), r"[A-Za-z0-9_+/=]{40,}", "Sentry docs, auth tokens"),
    Vendor("honeycomb", ("hcaik_", "hcxik_", "hcxlk_"), r"[a-z0-9]{58}", "Honeycomb docs, API keys"),
    Vendor("logfire", ("pylf_v1_", "pylf_v2_"), r"[a-z]{2}_[A-Za-z0-9]{43}", "Logfire docs, write tokens"),
    Vendor("posthog", ("phx_",), r"[A-Za-z0-9]{40,}", "PostHog docs, personal API keys"),
    Vendor("launchdarkly", ("api-", "sdk-", "mob-"), _UUID, "LaunchDarkly docs, keys"),
    Vendor("statsig", ("secret-",), rf"[A-Za-z0-9]{{43}}{_END}", "Statsig docs, server secret keys", True),
    # Mail, messages and documents.
    Vendor("slack", ("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxc-", "xoxd-"), r"[A-Za-z0-9-]{10,}", "Slack docs, token types"),
    Vendor("slack-rotation", ("xoxe.xoxp-", "xoxe.xoxb-"), r"[A-Za-z0-9-]{20,}", "Slack docs, token rotation"),
    Vendor("slack-workflow", ("xwfp-",), r"[A-Za-z0-9-]{20,}", "Slack docs, token types"),
    Vendor("slack-app", ("xapp-1-", "xapp-"), r"[A-Za-z0-9-]{20,}", "Slack docs, token types"),
    Vendor("sendgrid", ("SG.",), r"[\w-]{16,}\.[\w-]{16,}", "SendGrid docs, API keys"),
    Vendor("mailgun", ("key-",), rf"[0-9a-f]{{32}}{_END}", "Mailgun docs, API keys"),
    Vendor("brevo", ("xkeysib-", "xsmtpsib-"), r"[0-9a-f]{64}-[A-Za-z0-9]{16}", "Brevo docs, API and SMTP keys"),
    Vendor("resend", ("re_",), rf"[A-Za-z0-9]{{8}}_[A-Za-z0-9]{{24}}{_END}", "Resend docs, API keys"),
    Vendor("mailersend", ("mlsn.",), r"[0-9a-f]{64}", "MailerSend docs, API tokens"),
    Vendor("mandrill", ("md-",), r"[\w-]{22}(?![\w-])", "Mandrill docs, API keys", True),
    Vendor("notion", ("ntn_",), r"[A-Za-z0-9]{40,}", "Notion docs, token format"),
    Vendor("airtable", ("pat",), r"[A-Za-z0-9]{14}\.[0-9a-f]{64}", "Airtable docs, personal access tokens"),
    Vendor("asana", ("1/", "2/"), r"\d{10,20}(?:/\d{10,20})?:[0-9a-f]{32}", "Asana docs, personal access tokens"),
    Vendor("matrix", ("syt_",), r"[A-Za-z0-9+/]+_[A-Za-z]{20}_[A-Za-z0-9]{6}", "Matrix, tokens of Synapse"),
    Vendor("linear", ("lin_api_", "lin_oauth_"), r"[A-Za-z0-9]{30,}", "Linear docs, API keys"),
    Vendor("figma", ("figd_", "figo_", "figu_"), r"[\w-]{20,}", "Figma docs, access tokens"),
    Vendor("intercom", ("dG9rO",), r"[A-Za-z0-9+/]{50,}={0,2}", "Intercom docs, access tokens"),
    Vendor("hubspot", ("pat-na", "pat-eu", "pat-ap"), rf"\d-{_UUID}", "HubSpot docs, private apps"),
    Vendor("contentful", ("CFPAT-",), r"[\w-]{40,}", "Contentful docs, management tokens"),
    Vendor("typeform", ("tfp_",), r"[\w-]{40,}", "Typeform docs, personal tokens"),
    Vendor("dropbox", ("sl.u.", "sl.B.", "sl."), r"[\w-]{100,}", "Dropbox docs, short-lived tokens"),
    Vendor("apify", ("apify_api_",), r"[A-Za-z0-9]{30,}", "Apify docs, API tokens"),
    Vendor("facebook", ("EAA",), rf"[A-Za-z0-9]{{80,}}{_END}", "Graph API docs, access tokens", True),
    Vendor("instagram", ("IGAA", "IGQV"), r"[A-Za-z0-9_-]{80,}", "Instagram API docs, access tokens"),
    Vendor("mapbox", ("sk.eyJ",), r"[A-Za-z0-9_-]{40,}\.[\w-]{20,}", "Mapbox docs, access tokens"),
    # Money and orders.
    Vendor("stripe", tuple(f"{kind}_{mode}_" for kind in ("sk", "rk", "sk_org") for mode in ("live", "test", "prod")), r"[A-Za-z0-9]{10,}", "Stripe docs, API keys"),
    Vendor("stripe-ephemeral", ("ek_test_", "ek_live_"), r"[A-Za-z0-9]{24,}", "Stripe docs, ephemeral keys"),
    Vendor("stripe-intent", ("pi_", "seti_", "cs_test_", "cs_live_"), r"[A-Za-z0-9]{6,}_secret_[A-Za-z0-9]{10,}", "Stripe docs, client secrets"),
    Vendor("webhook-signing", ("whsec_",), r"[A-Za-z0-9+/=]{16,}", "Standard Webhooks specification"),
    Vendor("paypal", ("A21AA",), r"[\w-]{80,}", "PayPal docs, access tokens"),
    Vendor("shopify", ("shpat_", "shpca_", "shppa_", "shpss_"), r"[0-9a-fA-F]{32}", "Shopify docs, access tokens"),
    Vendor("razorpay", ("rzp_live_", "rzp_test_"), r"[A-Za-z0-9]{14,}", "Razorpay docs, API keys"),
    Vendor("woocommerce", ("ck_", "cs_"), rf"[0-9a-f]{{40}}{_END}", "WooCommerce docs, REST keys"),
    Vendor("amazon", ("Atza|", "Atzr|", "Atz.sprdt|"), r"[\w-]{60,}", "Login with Amazon docs, tokens"),
    Vendor("square", ("sq0atp-", "sq0csp-", "EAAA"), r"[\w-]{22,70}(?![\w-])", "Square docs, access tokens", True),
    Vendor("braintree", ("access_token$production$", "access_token$sandbox$"), r"[a-z0-9]{16}\$[0-9a-f]{32}", "Braintree docs, access tokens"),
    Vendor("adyen", ("AQE",), r"[A-Za-z0-9+/]{60,}-[A-Za-z0-9+/=]{40,}-[^\s\"'\\<>]{10,64}", "Adyen docs, API keys"),
    Vendor("flutterwave", ("FLWSECK_TEST-", "FLWSECK-"), r"[0-9a-z]{32}-X", "Flutterwave docs, API keys"),
    Vendor("lob", ("live_", "test_"), rf"[0-9a-f]{{35}}{_END}", "Lob docs, API keys"),
    Vendor("plaid", ("access-sandbox-", "access-development-", "access-production-"), _UUID, "Plaid docs, access tokens"),
    Vendor("paddle", ("pdl_live_apikey_", "pdl_sdbx_apikey_"), r"[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}", "Paddle docs, API keys"),
    Vendor("polar", ("polar_oat_", "polar_pat_"), r"[A-Za-z0-9]{32,}", "Polar docs, access tokens"),
    Vendor("duffel", ("duffel_live_", "duffel_test_"), r"[\w-]{43}", "Duffel docs, access tokens"),
    Vendor("easypost", ("EZAK", "EZTK"), r"[A-Za-z0-9]{54}", "EasyPost docs, API keys"),
    Vendor("shippo", ("shippo_live_", "shippo_test_"), r"[0-9a-f]{40}", "Shippo docs, API tokens"),
    Vendor("telnyx", ("KEY0",), r"[0-9A-F]{31}_[A-Za-z0-9]{22}", "Telnyx docs, API keys"),
    Vendor("zoho", ("1000.",), r"[0-9a-f]{32}\.[0-9a-f]{32}", "Zoho docs, OAuth tokens"),
    Vendor("twilio", ("SK",), r"[0-9a-f]{32}", "Twilio docs, API keys"),
    # Development platforms, and formats of several vendors.
    Vendor("cal-com", ("cal_live_", "cal_test_"), r"[0-9a-f]{32}", "Cal.com docs, API keys"),
    Vendor("adafruit", ("aio_",), rf"[A-Za-z0-9]{{28}}{_END}", "Adafruit IO docs, keys"),
    Vendor("zuplo", ("zpka_",), r"[a-z0-9]{32}_[a-z0-9]{8}", "Zuplo docs, API key format"),
    Vendor("unkey", ("unkey_",), r"[A-Za-z0-9]{20,}", "Unkey docs, root keys"),
    Vendor("trigger", ("tr_dev_", "tr_prod_", "tr_stg_"), r"[A-Za-z0-9]{20}", "Trigger.dev docs, API keys"),
    Vendor("inngest", ("signkey-",), r"[a-z]{2,9}-[0-9a-f]{40,}", "Inngest docs, signing keys"),
    Vendor("paseto", tuple(f"v{n}.{purpose}." for n in range(1, 5) for purpose in ("local", "public")), r"[\w-]{40,}(?:\.[\w-]+)?", "PASETO specification"),
    Vendor("fernet", ("gAAAAAB",), r"[\w-]{60,}={0,2}", "Fernet specification"),
    Vendor("smart-health-link", ("shlink:/",), r"[\w-]{40,}", "SMART Health Links specification"),
    Vendor("bip32", ("xprv", "yprv", "zprv", "tprv"), r"[1-9A-HJ-NP-Za-km-z]{100,}", "BIP 32, serialization format"),
    Vendor("nostr", ("nsec1",), r"[ac-hj-np-z02-9]{58}", "Nostr NIP-19"),
    Vendor("macaroon", ("MDAx",), r"[\w-]{80,}={0,2}", "libmacaroons, version 1 in base64"),
)
"""The formats that start with a fixed text. A longer prefix may start with a shorter one."""

LINKS = (
    Marked("hook-url", "/hooks/", r"(?<=/hooks/)[a-z0-9]{26}|(?<=/hooks/)[A-Za-z0-9]{17}/[A-Za-z0-9]{40,}", "Mattermost and Rocket.Chat docs, incoming webhooks"),
    Marked("hook-url", "hooks.zapier.com/", r"(?<=/hooks/catch/)\d+/[a-z0-9]{6,}", "Zapier docs, catch hooks"),
    Marked("hook-url", ".make.com/", r"(?<=\.make\.com/)[a-z0-9]{32}", "Make docs, custom webhooks"),
    Marked("hook-url", "maker.ifttt.com", r"(?<=/with/key/)[\w-]{20,}", "IFTTT docs, webhooks"),
    Marked("hook-url", "pagerduty.com/integration", r"(?<=/integration/)[0-9a-f]{32}", "PagerDuty docs, Events API"),
    Marked("hook-url", "/build_hooks/", r"(?<=/build_hooks/)[0-9a-f]{24}", "Netlify docs, build hooks"),
    Marked("hook-url", "/integrations/deploy/", r"/integrations/deploy/prj_\w+/(?P<secret>[A-Za-z0-9]{8,})", "Vercel docs, deploy hooks"),
    Marked("hook-url", "api.render.com/deploy/", r"(?<=\?key=)[\w-]{8,}", "Render docs, deploy hooks"),
    Marked("hook-url", "/bot/v2/hook/", r"(?<=/bot/v2/hook/)[\w-]{20,}", "Feishu docs, custom bots"),
    Marked("hook-url", "/IncomingWebhook/", r"(?<=/IncomingWebhook/)[0-9a-f]{32}/[\w-]{36}", "Microsoft Teams docs, connectors"),
    Marked("hook-url", "loggly.com/inputs/", r"(?<=/inputs/)[\w-]{36}", "Loggly docs, HTTP endpoint"),
    Marked("hook-url", "/v1/input/", r"(?<=/v1/input/)[0-9a-f]{32}", "Datadog docs, log intake"),
    Marked("hook-url", "/receiver/v1/http/", r"(?<=/receiver/v1/http/)[\w-]{60,}={0,2}", "Sumo Logic docs, HTTP sources"),
    Marked("path-key", "/multipass/", r"(?<=/account/login/multipass/)[\w-]{60,}={0,2}", "Shopify docs, Multipass"),
    Marked("path-key", "/api/v1/", r"(?<=/api/v1/)(?=[A-Za-z]*\d)[A-Za-z0-9]{20}(?=/(?:telemetry|attributes|rpc|claim|provision)\b)", "ThingsBoard docs, HTTP API for devices"),
    Marked("key-url", "infura.io/v3/", r"(?<=infura\.io/v3/)[0-9a-f]{32}", "Infura docs, API keys"),
    Marked("key-url", "alchemy.com/v2/", r"(?<=alchemy\.com/v2/)[\w-]{32}", "Alchemy docs, API keys"),
    Marked("feed-url", "/private-", r"(?<=/private-)[0-9a-f]{32}", "Google Calendar help, secret address"),
    Marked("feed-url", "/calendar/ical/", r"(?<=\.ics\?s=)[0-9a-f]{32}", "Airbnb help, calendar export"),
    Marked("signed-url", "/p/", r"(?<=/p/)[\w-]{64}(?=/n/)", "Oracle Cloud docs, pre-authenticated requests"),
    Marked("signed-url", "/cd/0/get/", r"(?<=/cd/0/get/)[\w-]{60,}", "Dropbox docs, temporary links"),
    Marked("signed-url", "&hm=", r"(?<=&hm=)[0-9a-f]{64}", "Discord docs, signed attachment URLs"),
    Marked("signed-url", "imgix", r"(?<=[?&]s=)[0-9a-f]{32}", "imgix docs, securing assets"),
    Marked("slack-response", "hooks.slack.com", r"(?<=hooks\.slack\.com/commands/)[\w/]{20,}", "Slack docs, slash commands"),
    Marked("shadowsocks", "ss://", r"(?<=\bss://)[A-Za-z0-9+/=_-]{16,}", "Shadowsocks SIP002"),
    Marked("vless", "vless://", r"(?<=vless://)[0-9a-f-]{36}", "Xray docs, VLESS links"),
    Marked("path-key", "/apikey/", r"(?<=/apikey/)[0-9A-Za-z]{16,}", "APIs with the key in the path"),
    Marked("path-password", "/password=", r"(?<=/password=)(?=[^/\s?]*\d)[^/\s?\"'<>&]{8,}", "Jolokia docs, operations by path"),
    Marked("path-password", "/password/", r"(?<=/password/)(?=[^/\s?]*\d)[^/\s?\"'<>]{8,}", "APIs with the password in the path"),
    Marked("cas-ticket", "ST-", r"\bST-\d{1,9}-[\w.-]{20,}", "CAS protocol, service tickets"),
    Marked("cas-ticket", "PT-", r"\bPT-\d{1,9}-[\w.-]{20,}", "CAS protocol, proxy tickets"),
)
"""Secrets in URLs, by what the service documents about them. The pattern is the secret."""

MARKED = (
    Marked("azure-devops", "AZDO", rf"[A-Za-z0-9]{{76}}AZDO[A-Za-z0-9]{{4}}{_END}", "Azure DevOps docs, token format"),
    Marked("azure-entra", "8Q~", r"[A-Za-z0-9_.~-]{3}8Q~[A-Za-z0-9_.~-]{31,34}", "Microsoft Purview, Entra client secrets"),
    Marked("azure-functions", "AzFu", r"[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{4}(?:==|%3[Dd]%3[Dd])", "Microsoft Purview, function keys"),
    Marked("azure-storage", "+ASt", r"[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{6}==", "Microsoft Purview, storage keys"),
    Marked("new-relic-license", "NRAL", rf"[0-9a-f]{{36}}NRAL{_END}", "New Relic docs, license keys"),
    Marked("terraform", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}", "HCP Terraform docs, tokens"),
    Marked("discord-bot", ".G", r"[MNO][A-Za-z0-9_-]{23,27}\.G[\w-]{5}\.[\w-]{27,38}", "Discord docs, bot tokens"),
    Marked("password-hash", "$", r"\$(?:1|2[abxy]|5|6|y|apr1|argon2id?)\$[A-Za-z0-9./$=,+]{20,}", "crypt(5), Argon2 reference"),
    Marked("convex", "|eyJ", r"(?:prod|dev|preview):[a-z0-9-]{3,60}\|eyJ[A-Za-z0-9+/=]{40,}", "Convex docs, deploy keys"),
    Marked("apple-code", ".0.", r"c[0-9a-f]{32}\.0\.[A-Za-z]{1,6}\.[\w-]{20,}", "Sign in with Apple docs, authorization codes"),
    Marked("kubernetes-protocol", "authorization.k8s.io.", r"(?<=authorization\.k8s\.io\.)[\w-]{20,}", "Kubernetes source, WebSocket protocols"),
    Marked("putty-key", "Private-Lines:", r"Private-Lines: \d+(?:\s|\\[rn])+(?P<secret>[A-Za-z0-9+/=\s\\]{40,}?)(?=(?:\s|\\[rn])+Private-MAC:)", "PuTTY manual, PPK files"),
    Marked("putty-key", "Private-MAC:", r"(?<=Private-MAC: )[0-9a-f]{40,64}", "PuTTY manual, PPK files"),
    Marked("bitwarden", "==|", r"[0-7]\.[A-Za-z0-9+/]{22}==\|[A-Za-z0-9+/]{20,}={0,2}\|[A-Za-z0-9+/]{43}=", "Bitwarden, encrypted strings"),
    Marked("jwe", "eyJ", r"eyJ[\w-]{10,}\.[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}", "RFC 7516, compact form"),
)
"""The formats with a fixed text in the middle or at the end."""
# fmt: on

PREFIX_PATTERN = "|".join(
    re.escape(prefix)
    for prefix in sorted((p for v in VENDORS for p in v.prefixes), key=len, reverse=True)
)
"""Regular expression of all prefixes, the longest first, since some start like others."""
