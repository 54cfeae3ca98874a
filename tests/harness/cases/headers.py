"""Secrets in headers and cookies of requests and answers."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from .rows import Case, answer_header, header, headers

_AUTHORIZATIONS: Mapping[str, tuple[str, str]] = {
    "sas": (
        "Azure Service Bus REST",
        "SharedAccessSignature sr=https%3A%2F%2Fshop.servicebus.example%2Forders&sig=«pct:«key32»»"
        "&se=1788220800&skn=sender",
    ),
    "vapid": ("RFC 8292, Web Push", "vapid t=«jwt», k=BPublicKeyOfTheServer"),
    "hawk": (
        "Hawk 9",
        'Hawk id="dh37fgj492je", ts="1788220800", nonce="j4h3g2", mac="«key32»"',
    ),
    "api-key-parameter": ("Elastic-like gateways", 'ApiKey realm="shop", api_key="«»"'),
    "apikey-pair": ("Elasticsearch API keys", "ApiKey «b64:VuaCfGcBCdbkQm-e5aOx:«url22»»"),
    "token-quoted": ("Rails HTTP token authentication", 'Token token="«»", nonce="def"'),
    "bot": ("Discord API", "Bot «/MT[A-Za-z0-9]{24}.G[A-Za-z0-9_-]{5}.[A-Za-z0-9_-]{38}/»"),
    "key": ("fal.ai, Adafruit", "Key 5f1c2d3e-1111-4222-8333-444455556666:«hex32»"),
    "ssws": ("Okta API", "SSWS «/00[A-Za-z0-9_-]{39}[A-Za-z0-9]/»"),
    "genie": ("Opsgenie API", "GenieKey «uuid»"),
    "klaviyo": ("Klaviyo API", "Klaviyo-API-Key «/pk_[a-f0-9]{34}/»"),
    "deepl": ("DeepL API", "DeepL-Auth-Key «uuid»:fx"),
    "splunk": ("Splunk HTTP Event Collector", "Splunk «uuid»"),
    "zoho": ("Zoho CRM API", "Zoho-oauthtoken «/1000.[a-f0-9]{32}.[a-f0-9]{32}/»"),
    "pagerduty": ("PagerDuty API", "Token token=«/[A-Za-z0-9_+-]{18}z7/»"),
    "mac": ("Optimizely", 'MAC id="h480djs93hd8", nonce="264095:dj83hs9s", mac="«key16»"'),
    "aws-v4": (
        "AWS Signature Version 4",
        "AWS4-HMAC-SHA256 Credential=«aws»/20260301/eu-west-1/s3/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=«hex64»",
    ),
    "aws-v4a": (
        "AWS Signature Version 4A",
        "AWS4-ECDSA-P256-SHA256 Credential=«aws session»/20260301/s3/aws4_request, "
        "SignedHeaders=host, Signature=«/30450221[a-f0-9]{134}/»",
    ),
    "aws-v2": ("S3 Signature Version 2", "AWS AKIDEXAMPLE:«/[A-Za-z0-9+/]{27}=/»"),
    "azure-shared-key": ("Azure Storage shared key", "SharedKey shopaccount:«key32»"),
    "oci": (
        "Oracle Cloud request signatures",
        'Signature version="1",keyId="ocid1.tenancy/ocid1.user/20:3b",algorithm="rsa-sha256",'
        'headers="date host",signature="«key64»"',
    ),
    "cavage": (
        "draft-cavage-http-signatures, Mastodon",
        'Signature keyId="https://social.example/u/ada#main-key",headers="(request-target) date",'
        'signature="«key64»"',
    ),
    "akamai": (
        "Akamai EdgeGrid",
        "EG1-HMAC-SHA256 client_token=«/akab-[a-z0-9]{16}-[a-z0-9]{16}/»;"
        "access_token=«/akab-[a-z0-9]{16}-[a-z0-9]{16}/»;timestamp=20260301T10:00:00+0000;"
        "nonce=«uuid»;signature=«key32»",
    ),
    "tencent": (
        "Tencent Cloud API 3.0",
        "TC3-HMAC-SHA256 Credential=«/AKID[A-Za-z0-9]{32}/»/2026-03-01/cvm/tc3_request, "
        "SignedHeaders=content-type;host, Signature=«hex64»",
    ),
    "aliyun": (
        "Alibaba Cloud V3 signature",
        "ACS3-HMAC-SHA256 Credential=«/LTAI[A-Za-z0-9]{20}/»,SignedHeaders=host,Signature=«hex64»",
    ),
    "huawei": (
        "Huawei Cloud",
        "SDK-HMAC-SHA256 Access=HPUAEXAMPLE, SignedHeaders=host, Signature=«hex64»",
    ),
    "qiniu": ("Qiniu", "Qiniu shopaccess:«/[A-Za-z0-9_-]{27}=/»"),
    "wsse": (
        "WS-Security UsernameToken over HTTP",
        'WSSE profile="UsernameToken", Username="ada", PasswordDigest="«key16»", Nonce="b5c2"',
    ),
    "oauth1": (
        "RFC 5849",
        'OAuth oauth_consumer_key="«»", oauth_token="«»", oauth_signature_method="HMAC-SHA1", '
        'oauth_signature="«pct:«key16»»", oauth_version="1.0"',
    ),
    "digest": (
        "RFC 7616",
        'Digest username="ada", realm="shop", uri="/things", nonce="n1", response="«hex64»"',
    ),
    "gnap": ("RFC 9635", "GNAP «/OS9M2PMHKUR64TB8N6BW7OZB8C[A-Z0-9]{20}/»"),
    "dpop": ("RFC 9449", "DPoP «jwt»"),
    "negotiate": ("RFC 4559", "Negotiate «/YIIJvwYGKwYBBQUCoIIJ[A-Za-z0-9+/]{120}==/»"),
    "ntlm": ("NTLM", "NTLM «/TlRMTVNTUAADAAAA[A-Za-z0-9+/]{120}/»"),
    "basic-token-as-user": ("Stripe API, curl -u sk:", "Basic «b64:«stripe-test»:»"),
    "basic-email-token": ("Zendesk API", "Basic «b64:ada@shop.example/token:«secret40»»"),
    "basic-client": ("RFC 6749, section 2.3.1", "Basic «b64:s6BhdRkqt3:«»»"),
    "basic-pat": ("Azure DevOps", "Basic «b64::«/[a-z2-7]{52}/»»"),
    "bearer-twice": ("proxies that add a second credential", "Bearer «jwt», Basic «b64:ada:«plain»»"),
    "bearer-lower": ("Gitea and others", "bearer «hex40»"),
    "bare-hex": ("Ghost Admin", "«hex64»"),
    "hmac": ("Gate.io-like exchanges", "hmac shop:1788220800:«hex64»"),
    "signature-9421-like": ("Cloudflare Web Bot Auth", "Signature sig1=:«key64»:"),
    "privatetoken": ("RFC 9577, Privacy Pass", "PrivateToken token=«/[A-Za-z0-9_-]{200}/»"),
    "app-store": ("Apple App Store server", "Bearer «jwt»"),
    "twitch-oauth": ("Twitch Helix before 2020", "OAuth «/[a-z0-9]{30}/»"),
}

_HEADERS: Mapping[str, tuple[str, str, str]] = {
    "rapidapi": ("RapidAPI hub", "X-RapidAPI-Key", "«/[a-f0-9]{10}msh[a-f0-9]{15}p1[a-f0-9]{6}jsn[a-f0-9]{12}/»"),
    "datadog-app": ("Datadog API", "DD-APPLICATION-KEY", "«hex40»"),
    "datadog": ("Datadog API", "DD-API-KEY", "«hex32»"),
    "event-grid": ("Azure Event Grid", "aeg-sas-key", "«key32»"),
    "event-grid-token": ("Azure Event Grid", "aeg-sas-token", "r=https%3a%2f%2fshop&e=1&s=«pct:«key32»»"),
    "cf-auth-key": ("Cloudflare API", "X-Auth-Key", "«/[a-f0-9]{37}/»"),
    "cf-access": ("Cloudflare Access service tokens", "CF-Access-Client-Secret", "«hex64»"),
    "cf-jwt": ("Cloudflare Access", "Cf-Access-Jwt-Assertion", "«jwt»"),
    "goog-iap": ("Google IAP", "X-Goog-IAP-JWT-Assertion", "«jwt»"),
    "amzn-oidc": ("AWS load balancers", "x-amzn-oidc-accesstoken", "«url43»"),
    "amzn-oidc-data": ("AWS load balancers", "x-amzn-oidc-data", "«jwt»"),
    "sse-c": ("S3 customer-provided keys", "x-amz-server-side-encryption-customer-key", "«key32»"),
    "ms-cpk": ("Azure customer-provided keys", "x-ms-encryption-key", "«key32»"),
    "ms-copy": ("Azure copy authorization", "x-ms-copy-source-authorization", "Bearer «jwt»"),
    "algolia": ("Algolia API", "X-Algolia-API-Key", "«hex32»"),
    "postmark": ("Postmark API", "X-Postmark-Server-Token", "«uuid»"),
    "figma": ("Figma API", "X-Figma-Token", "«/figd_[A-Za-z0-9_-]{40}/»"),
    "honeycomb": ("Honeycomb API", "X-Honeycomb-Team", "«/[A-Za-z0-9]{22}/»"),
    "newrelic": ("New Relic ingest", "X-License-Key", "«/[a-f0-9]{36}NRAL/»"),
    "newrelic-api": ("New Relic API", "Api-Key", "«/NRAK-[A-Z0-9]{27}/»"),
    "sentry-auth": ("Sentry store endpoint", "X-Sentry-Auth", "Sentry sentry_version=7, sentry_key=0f1e2d3c, sentry_secret=«hex32»"),
    "parse-rest": ("Parse Server", "X-Parse-REST-API-Key", "«secret40»"),
    "parse-master": ("Parse Server", "X-Parse-Master-Key", "«secret40»"),
    "parse-session": ("Parse Server", "X-Parse-Session-Token", "«/r:[a-f0-9]{32}/»"),
    "hasura": ("Hasura", "x-hasura-admin-secret", "«pw»"),
    "appsync": ("AWS AppSync", "x-api-key", "«/da2-[a-z0-9]{26}/»"),
    "typesense": ("Typesense", "X-TYPESENSE-API-KEY", "«»"),
    "meili": ("Meilisearch", "X-Meili-API-Key", "«»"),
    "openai-upstream": ("Weaviate module keys", "X-OpenAI-Api-Key", "«openai»"),
    "anthropic": ("Anthropic Messages API", "x-api-key", "«anthropic»"),
    "xi": ("ElevenLabs API", "xi-api-key", "«/sk_[a-f0-9]{48}/»"),
    "paypal-signature": ("PayPal webhooks", "PAYPAL-TRANSMISSION-SIG", "«key64»"),
    "bunq": ("bunq API", "X-Bunq-Client-Authentication", "«hex64»"),
    "bunq-signature": ("bunq API", "X-Bunq-Client-Signature", "«key64»"),
    "binance": ("Binance API", "X-MBX-APIKEY", "«/[A-Za-z0-9]{64}/»"),
    "coinbase-sign": ("Coinbase Exchange", "CB-ACCESS-SIGN", "«key32»"),
    "coinbase-pass": ("Coinbase Exchange", "CB-ACCESS-PASSPHRASE", "«/[a-z0-9]{11}/»"),
    "kraken": ("Kraken", "API-Sign", "«key64»"),
    "okx": ("OKX", "OK-ACCESS-PASSPHRASE", "«plain»"),
    "kucoin": ("KuCoin", "KC-API-SIGN", "«key32»"),
    "bybit": ("Bybit", "X-BAPI-SIGN", "«hex64»"),
    "alpaca": ("Alpaca", "APCA-API-SECRET-KEY", "«secret40»"),
    "zendesk-signature": ("Zendesk webhooks", "X-Zendesk-Webhook-Signature", "«key32»"),
    "slack-signature": ("Slack requests", "X-Slack-Signature", "v0=«hex64»"),
    "shopify-hmac": ("Shopify webhooks", "X-Shopify-Hmac-Sha256", "«key32»"),
    "twilio-signature": ("Twilio webhooks", "X-Twilio-Signature", "«key16»"),
    "svix-signature": ("Standard Webhooks", "webhook-signature", "v1,«key32»"),
    "discord-signature": ("Discord interactions", "X-Signature-Ed25519", "«/[a-f0-9]{128}/»"),
    "github-hub": ("GitHub webhooks", "X-Hub-Signature-256", "sha256=«hex64»"),
    "gitea": ("Gitea webhooks", "X-Gitea-Signature", "«hex64»"),
    "line": ("LINE webhooks", "X-Line-Signature", "«key32»"),
    "paddle": ("Paddle webhooks", "Paddle-Signature", "ts=1788220800;h1=«hex64»"),
    "calendly": ("Calendly webhooks", "Calendly-Webhook-Signature", "t=1788220800,v1=«hex64»"),
    "linear": ("Linear webhooks", "Linear-Signature", "«hex64»"),
    "signature-9421": ("RFC 9421", "Signature", "sig1=:«key64»:"),
    "telegram-secret": ("Telegram Bot API webhooks", "X-Telegram-Bot-Api-Secret-Token", "«»"),
    "goog-channel": ("Google push notifications", "X-Goog-Channel-Token", "«»"),
    "jira": ("Atlassian Connect", "X-Atlassian-Token-Auth", "JWT «jwt»"),
    "vault-wrapped": ("Vault namespaces", "X-Vault-Token", "«/hvs.CAESI[A-Za-z0-9_-]{90}/»"),
    "consul": ("Consul", "X-Consul-Token", "«uuid»"),
    "nomad": ("Nomad", "X-Nomad-Token", "«uuid»"),
    "docker-registry": ("Docker registry pushes", "X-Registry-Auth", '«b64:{"username":"ada","password":"«plain»"}»'),
    "registry-config": ("Docker build", "X-Registry-Config", '«b64url:{"r.example":{"username":"a","password":"«plain»"}}»'),
    "openstack": ("OpenStack Keystone", "X-Subject-Token", "«/gAAAAAB[A-Za-z0-9_-]{113}/»"),
    "openstack-service": ("OpenStack", "X-Service-Token", "«/gAAAAAB[A-Za-z0-9_-]{113}/»"),
    "swift": ("OpenStack Swift TempURL", "X-Account-Meta-Temp-URL-Key", "«plain»"),
    "grafana": ("Grafana service accounts", "X-Grafana-Token", "«/glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}/»"),
    "redmine": ("Redmine", "X-Redmine-API-Key", "«hex40»"),
    "plex": ("Plex", "X-Plex-Token", "«/[A-Za-z0-9_-]{19}z/»"),
    "emby": ("Jellyfin", "X-Emby-Authorization", 'MediaBrowser Client="shop", Device="ci", Token="«hex32»"'),
    "spring-csrf": ("CSRF of Spring", "X-CSRF-TOKEN", "«uuid»"),
    "laravel": ("Laravel", "X-XSRF-TOKEN", '«b64:{"iv":"«key16»","value":"«key64»","mac":"«hex64»"}»'),
    "mfa": ("GitHub Enterprise two factors", "X-GitHub-OTP", "«pin6»"),
    "otp": ("RubyGems API", "OTP", "«pin6»"),
    "npm-otp": ("npm registry", "npm-otp", "«pin6»"),
    "user-agent": ("clients that put their key in the name", "User-Agent", "shop-ci/2.1 (key «/gsk_[A-Za-z0-9]{52}/»)"),
    "correlation": ("traces that carry the session", "X-Correlation-Id", "ci-run/«jwt»"),
    "baggage": ("W3C baggage", "baggage", "userId=alice,token=«»,region=eu"),
    "tracestate": ("W3C trace context", "tracestate", "shop=«/glpat-[A-Za-z0-9_-]{20}/»"),
    "forwarded-uri": ("Traefik forward authentication", "X-Forwarded-Uri", "/in?access_token=«»&n=1"),
    "original-url": ("nginx auth_request", "X-Original-URL", "https://shop.example/dl?sig=«»&e=1"),
    "referer": ("password reset links", "Referer", "https://shop.example/reset?reset_token=«»"),
    "jwt-assertion": ("Grafana proxy", "X-JWT-Assertion", "«jwt»"),
    "destination": ("WebDAV", "Destination", "https://ada:«plain»@dav.example/b.txt"),
    "protocols": ("WebSocket of Kubernetes", "Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.«b64url:«jwt»», v4"),
    "ws-openai": ("OpenAI Realtime in browsers", "Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.«openai»"),
    "supabase-apikey": ("Supabase REST", "apikey", "«jwt»"),
    "basic-proxy": ("RFC 9110", "Proxy-Authorization", "Basic «b64:ada:«plain»»"),
    "snowflake": ("Snowflake SQL API", "X-Snowflake-Authorization-Token", "Snowflake Token=\"«/ver:3-hint:[A-Za-z0-9+/]{120}/»\""),
    "mixpanel": ("Mixpanel service accounts", "X-Service-Account-Secret", "«»"),
    "firebase-check": ("Firebase App Check", "X-Firebase-AppCheck", "«jwt»"),
    "totp": ("Stytch, Auth0 MFA", "X-MFA-Code", "«pin6»"),
    "pin": ("card terminals", "X-Terminal-PIN", "«pin4»"),
}

_COOKIES: Mapping[str, tuple[str, str]] = {
    "connect-sid": ("Express sessions", "lang=en; connect.sid=«/s%3A[A-Za-z0-9_-]{32}.[A-Za-z0-9]{43}/»"),
    "jsessionid": ("Java servlets", "JSESSIONID=«/[A-F0-9]{32}.node1/»; theme=dark"),
    "phpsessid": ("PHP", "PHPSESSID=«/[a-z0-9]{26}/»"),
    "aspnet": ("ASP.NET Core Identity", ".AspNetCore.Identity.Application=«/CfDJ8[A-Za-z0-9_-]{180}/»"),
    "next-auth": ("Auth.js", "__Secure-next-auth.session-token=«/eyJhbGciOiJkaXIi.[A-Za-z0-9_-]{90}/»"),
    "authjs": ("Auth.js 5", "__Host-authjs.csrf-token=«/[a-f0-9]{64}%7C[a-f0-9]{64}/»"),
    "laravel": ("Laravel", "laravel_session=«/eyJpdiI6I[A-Za-z0-9]{160}/»"),
    "rails": ("Rails", "_shop_session=«/[A-Za-z0-9]{80}--[A-Za-z0-9]{22}/»"),
    "django": ("Django", "csrftoken=«/[A-Za-z0-9]{32}/»; sessionid=«/[a-z0-9]{32}/»"),
    "flask": ("Flask", "session=«/eyJ1c2VyIjo3fQ.[A-Za-z0-9_-]{6}.[A-Za-z0-9_-]{27}/»"),
    "wordpress": ("WordPress", "wordpress_logged_in_9f=«/ada%7C1788220800%7C[A-Za-z0-9]{43}%7C[a-f0-9]{64}/»"),
    "cf-clearance": ("Cloudflare", "cf_clearance=«/[A-Za-z0-9_-]{43}-1788220800-1.2/»"),
    "cf-authorization": ("Cloudflare Access", "CF_Authorization=«jwt»"),
    "supabase": ("Supabase SSR", "sb-abcd-auth-token=base64-«b64url:{\"access_token\":\"«jwt»\"}»"),
    "google": ("Google accounts", "SID=«/g.a000[A-Za-z0-9_-]{60}/»; HSID=«/[A-Za-z0-9]{17}/»"),
    "slack-d": ("Slack web client", "d=«/xoxd-[A-Za-z0-9]{120}/»"),
    "ory": ("Ory Kratos", "ory_kratos_session=«/MTc4ODI[A-Za-z0-9_-]{120}/»"),
    "keycloak": ("Keycloak", "KEYCLOAK_SESSION=«uuid»; AUTH_SESSION_ID=«uuid»"),
    "shopify": ("Shopify admin", "_secure_admin_session_id=«hex32»"),
    "alb": ("AWS load balancers", "AWSELBAuthSessionCookie-0=«/[A-Za-z0-9+/]{160}/»"),
    "quoted": ("RFC 6265, quoted values", 'remember="«»"; theme=dark'),
    "short-pin": ("kiosks", "pin=«pin6»; theme=dark"),
}

_ANSWERS: Mapping[str, tuple[str, str, str]] = {
    "set-jsessionid": ("Java servlets", "Set-Cookie", "JSESSIONID=«/[A-F0-9]{32}/»; Path=/; HttpOnly"),
    "set-refresh": ("refresh cookies", "Set-Cookie", "__Host-refresh=«url43»; Secure; Path=/; SameSite=Strict"),
    "location-code": ("RFC 6749 redirect", "Location", "https://shop.example/cb?code=«url43»&state=xyz"),
    "location-fragment": ("OAuth implicit flow", "Location", "https://shop.example/cb#id_token=«jwt»&token_type=bearer"),
    "location-ticket": ("CAS", "Location", "https://shop.example/in?ticket=«/ST-12-[A-Za-z0-9]{32}-cas/»"),
    "location-s3": ("GitHub asset redirect", "Location", "https://objects.example/a?X-Amz-Signature=«hex64»&X-Amz-Expires=300"),
    "location-saml": ("SAML redirect binding", "Location", "https://idp.example/sso?SAMLRequest=abc&Signature=«pct:«key64»»"),
    "link-preload": ("signed assets", "Link", "<https://cdn.example/a.js?Signature=«url43»&Key-Pair-Id=K2>; rel=preload"),
    "refresh": ("HTML refresh header", "Refresh", "0; url=https://shop.example/in?token=«»"),
    "new-token": ("sliding sessions", "X-New-Access-Token", "«jwt»"),
    "authentication-info": ("RFC 7615", "Authentication-Info", 'rspauth="«hex32»", cnonce="a1", nc=00000001'),
    "one-time-token": ("Box of one-time tokens", "X-One-Time-Token", "«»"),
    "disposition": ("exports named by their key", "Content-Disposition", 'attachment; filename="export-«stripe-live».csv"'),
    "upstream-url": ("proxies that log upstream URLs", "X-Upstream-Url", "http://app:«plain»@10.0.0.7:8080/in"),
    "debug": ("Symfony debug link", "X-Debug-Token-Link", "https://shop.example/_p/7?auth_token=«»"),
    "warning": ("RFC 9111 warnings", "Warning", '299 - "deprecated key «/glpat-[A-Za-z0-9_-]{20}/»"'),
    "vault-wrapping": ("Vault agents", "X-Vault-Wrapping-Token", "«/hvs.[A-Za-z0-9_-]{95}/»"),
}


def _cases() -> list[Case]:
    rows = [
        header(f"authorization-{name}", source, "Authorization", template)
        for name, (source, template) in _AUTHORIZATIONS.items()
    ]
    rows += [header(f"header-{name}", *row) for name, row in _HEADERS.items()]
    rows += [
        header(f"cookie-{name}", source, "Cookie", template)
        for name, (source, template) in _COOKIES.items()
    ]
    rows += [answer_header(f"answer-header-{name}", *row) for name, row in _ANSWERS.items()]
    rows.append(
        headers(
            "header-signature-and-input",
            "RFC 9421",
            ("Signature-Input", 'sig1=("@method" "@path");created=1788220800;keyid="k1"'),
            ("Signature", "sig1=:«key64»:, proxy=:«key32»:"),
        )
    )
    rows.append(
        headers(
            "header-datadog-both",
            "Datadog API",
            ("DD-API-KEY", "«hex32»"),
            ("DD-APPLICATION-KEY", "«hex40»"),
        )
    )
    return rows


CASES = _cases()
