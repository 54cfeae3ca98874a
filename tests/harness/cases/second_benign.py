"""A second set of harmless values, written later and without a look at the rules or the first set.

The marked values stand where services put words, ids, numbers and texts that look a little like
secrets, or that stand beside a secret's name.
"""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from .kept import Kept, kept
from .rows import CSV, HTML, NDJSON, SSE, TEXT, XML, YAML

KEPT: tuple[Kept, ...] = (
    # Payments.
    kept("second-charge", "card payments", '{"id":"‹ch_3NqXb2LkdIwHu7ix0p0aX3dK›","auth_code":"‹831000›","last4":"‹4242›","brand":"visa","fingerprint":"‹Xt5EWLLDS7FJjR1c›","receipt_number":"‹1230-7299›","exp_month":12}'),
    kept("second-declines", "card payments", '{"error":{"code":"‹incorrect_cvc›","decline_code":"‹do_not_honor›","message":"‹Your card\'s security code is incorrect.›","param":"‹cvc›"}}'),
    kept("second-payout", "payouts", '{"trace_id":"‹091000019887622›","statement_descriptor":"‹SHOP 2026›","routing_number":"‹110000000›","method":"standard"}'),
    kept("second-wallets", "payment methods", '{"payment_method_types":["‹card›","‹sepa_debit›"],"tokenization_method":"‹apple_pay›","network_token":{"used":false},"token_type":"‹single_use›"}'),
    kept("second-invoice-lines", "invoices", '{"number":"‹INV-2026-000123›","customer_reference":"‹PO 4111 1111 22›","sku":"‹4006381333931›","hs_code":"‹8471.30.0100›"}'),
    kept("second-blockchain", "blockchain explorers", '{"hash":"‹0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060›","contract":"‹0xdAC17F958D2ee523a2206206994597C13D831ec7›","token_symbol":"‹USDT›","token_id":"‹4111111111111111›"}'),
    # Chat completions and models.
    kept("second-usage", "chat completions", '{"usage":{"prompt_tokens":‹1024›,"completion_tokens":‹77›,"prompt_tokens_details":{"cached_tokens":‹512›},"completion_tokens_details":{"reasoning_tokens":‹0›}},"system_fingerprint":"‹fp_44709d6fcb›","service_tier":"‹default›"}'),
    kept("second-logprobs", "chat completions", '{"logprobs":{"content":[{"token":"‹ password›","logprob":-0.1,"bytes":[32,112],"top_logprobs":[{"token":"‹ secret›","logprob":-2.3}]}]}}'),
    kept("second-stop", "chat completions", '{"finish_reason":"‹max_tokens›","stop_sequence":"‹</answer›","stop":["‹###›"]}'),
    kept("second-advice", "chat completions", '{"choices":[{"message":{"role":"assistant","content":"‹Never store the password in plain text. Use a secret manager, and rotate each token.›"}}]}'),
    kept("second-code-answer", "chat completions", '{"content":"‹import os\\nclient = Client(api_key=os.environ[\\"API_KEY\\"])\\nprint(client.token_count)›"}'),
    kept("second-tokenizer", "tokenizers", '{"bos_token":"‹<s>›","unk_token":"‹<unk>›","additional_special_tokens":["‹<|im_start|>›"],"tokenizer_class":"‹PreTrainedTokenizerFast›","vocab":{"‹password›":12087,"‹secret›":4063}}'),
    kept("second-embedding", "embeddings", '{"object":"list","model":"‹text-embedding-3-small›","data":[{"index":0,"embedding":"‹zczMPc3MTD6amZk+zcxMPg==›"}]}'),
    kept("second-sse-tokens", "streams of chat completions", 'data: {"token":{"id":‹318›,"text":"‹ the›","special":false}}\n\ndata: {"token":{"id":‹1107›,"text":"‹ key›","special":false}}\n\n', SSE),
    # Clouds and storage.
    kept("second-bucket", "object stores", '{"ETag":"‹"9b2cf535f27731c974343645a3985328"›","Key":"‹uploads/2026/03/7f3a9c2e-report-final.pdf›","VersionId":"‹3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY›","ChecksumSHA256":"‹n4bQgYhMfWWaL.qgxVrQFaO›"}'.replace('"9b2cf535f27731c974343645a3985328"', "9b2cf535f27731c974343645a3985328").replace("aL.qg", "aLqg")),
    kept("second-pages", "pagination", '{"next_token":"‹eyJ2IjoiMSIsImMiOiJBQUFBIn0›","NextContinuationToken":"‹1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=›","nextPageToken":"‹CAoQAA›","sync_token":"‹42›"}'),
    kept("second-iam", "access rules", '{"Statement":[{"Action":["‹secretsmanager:GetSecretValue›","‹kms:Decrypt›"],"Resource":"‹arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3›"}],"key_usage":"‹ENCRYPT_DECRYPT›"}'),
    kept("second-kms", "key management", '{"KeyId":"‹1234abcd-12ab-34cd-56ef-1234567890ab›","KeyState":"‹Enabled›","KeySpec":"‹SYMMETRIC_DEFAULT›","KeyRotationEnabled":true,"PublicKey":"‹MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE›"}'),
    kept("second-instance", "virtual machines", '{"instance_id":"‹i-0abcd1234efgh5678›","key_name":"‹deploy-key-2026›","image":"‹ami-0c55b159cbfafe1f0›","metadata_options":{"http_tokens":"‹required›"},"password_data":""}'),
    kept("second-secret-list", "secret stores", '{"SecretList":[{"Name":"‹prod/db/password›","RotationEnabled":true,"SecretVersionsToStages":{"‹a1b2c3d4-5678-90ab-cdef-EXAMPLE11111›":["‹AWSCURRENT›"]}}]}'),
    kept("second-container", "container registries", '{"digest":"‹sha256:4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865›","tags":["‹v1.2.3›","‹latest›"],"auth_url":"‹https://auth.example/token›"}'),
    # Code hosting and CI.
    kept("second-commit", "code hosting", '{"sha":"‹6dcb09b5b57875f334f61aebed695e2e4193db5e›","node_id":"‹MDY6Q29tbWl0NmRjYjA5YjViNTc4NzVmMzM0ZjYxYWViZWQ2OTVlMmU0MTkzZGI1ZQ==›","verification":{"reason":"‹unsigned›","signature":null}}'),
    kept("second-deploy-key", "code hosting", '{"id":1,"key":"‹ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl›","title":"‹octocat@octomac›","read_only":true}'),
    kept("second-token-list", "code hosting", '{"id":42,"name":"‹ci-token›","scopes":["‹read_api›","‹read_registry›"],"token_last_eight":"‹Skh3AWz2›","hashed_token":null,"expires_at":"‹2026-09-01›"}'),
    kept("second-diff", "pull requests", '{"patch":"‹@@ -1,3 +1,3 @@\\n-password = getpass()\\n+password = settings.PASSWORD\\n token = None›","status":"modified"}'),
    kept("second-workflow", "workflow files", "‹jobs:›\n  deploy:\n    steps:\n      - uses: ‹actions/checkout@v4›\n        with:\n          token: ‹${{ secrets.DEPLOY_TOKEN }}›\n          password: ‹${{ github.token }}›\n          persist-credentials: ‹false›\n", YAML),
    kept("second-ci-log", "build logs", "‹Run echo ***›\nenv:\n  API_TOKEN: ‹***›\n‹password authentication failed for user \"app\"›\n‹Cache restored from key: Linux-node-3f2c9a81d7e0b4c5f6a7›\n", TEXT),
    kept("second-scan", "secret scanning", '{"rule":"‹generic-api-key›","secret_type":"‹stripe_api_key›","secret_type_display_name":"‹Stripe API Key›","state":"‹resolved›","resolution":"‹revoked›"}'),
    kept("second-lockfile", "lock files", '{"packages":{"jsonwebtoken":{"version":"‹9.0.2›","integrity":"‹sha512-PRp66vJ865SSqOlgqS8hujT5U4AOgMfhrwYIuIhfKaoSCZcirrmASQr8CX7cUg+RMih+hgznrjp99o+W4pJLHQ==›"}}}'),
    # CRM, documents, messaging.
    kept("second-contact", "CRM", '{"id":"‹0035e00000AbCdEFAV›","properties":{"hs_object_id":"‹5105105105105100›","lifecyclestage":"‹lead›","pin_color":"‹red›","secret_santa":"‹Bob›"}}'),
    kept("second-ticket", "support tickets", '{"subject":"‹Password reset does not work›","description":"‹I forgot my password and the token in the mail is expired.›","tags":["‹password_reset›","‹auth›"],"custom_fields":[{"id":360001,"value":"‹token_expired›"}]}'),
    kept("second-translations", "translations", '{"login.password":"‹Password›","login.password_repeat":"‹Repeat password›","login.forgot":"‹Forgot your password?›","api.token":"‹Access token›","errors.pin":"‹Wrong PIN›"}'),
    kept("second-sms-status", "messaging", '{"sid":"‹SM0123456789abcdef0123456789abcdef›","account_sid":"‹AC0123456789abcdef0123456789abcdef›","error_code":"‹30007›","body":"‹Your parcel 123456 arrives today. Track it with code DHL-2026.›"}'),
    kept("second-mail-text", "mail services", '{"text":"‹We will never ask for your password or PIN. Your order 840921 is on its way.›","message_id":"‹<20260301100000.1.7F3A9C2E@shop.example>›"}'),
    kept("second-card-blocks", "chat messages", '{"blocks":[{"type":"section","block_id":"‹7bZ8K›","fields":[{"title":"‹Token›","value":"‹expires in 3 days›"},{"title":"‹API key›","value":"‹not set›"}]}]}'),
    kept("second-calendar", "calendars", '{"id":"‹3qk2l8m9n0p1q2r3s4t5u6v7w8›","iCalUID":"‹3qk2l8m9@google.example›","conferenceData":{"passcode":null},"location":"‹Room Secret Garden›"}'),
    kept("second-urls-in-text", "chat messages", '{"text":"‹See https://docs.example/guides/webhooks/verifying-signatures-in-python-2026 and https://x.example/services/consulting-and-training-2026›"}'),
    # Identity providers.
    kept("second-discovery", "OpenID Connect", '{"token_endpoint":"‹https://id.example/oauth2/token›","token_endpoint_auth_methods_supported":["‹client_secret_basic›","‹private_key_jwt›"],"code_challenge_methods_supported":["‹S256›"],"id_token_signing_alg_values_supported":["‹RS256›"]}'),
    kept("second-jwks", "OpenID Connect", '{"keys":[{"kty":"RSA","use":"‹sig›","kid":"‹2026-03-01.key-7›","n":"‹sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDpre›","e":"‹AQAB›","x5t":"‹AGvCgPVsCcYqbhqpZ3UeBhQo8PA›"}]}'),
    kept("second-policy", "identity providers", '{"passwordPolicy":{"minLength":‹12›,"description":"‹At least 12 characters, one digit›"},"mfa":{"secret":"‹required›","otp":"‹optional›"},"tokenLifetime":‹3600›}'),
    kept("second-login-error", "identity providers", '{"error":"‹invalid_grant›","error_description":"‹AADSTS50126: Invalid username or password.›","error_codes":[‹50126›],"trace_id":"‹4c1d2e3f-aaaa-bbbb-cccc-1234567890ab›","correlation_id":"‹5d2e3f40-aaaa-bbbb-cccc-1234567890ab›"}'),
    kept("second-errors-by-field", "form errors", '{"errors":{"password":["‹is too short (minimum is 8 characters)›","‹can\'t be blank›"],"token":"‹expired›","otp":"‹invalid›"},"note":"‹token expired at noon›"}'),
    kept("second-permissions", "identity providers", '{"permissions":{"secrets":"‹read›","tokens":"‹write›","passwords":"‹none›"},"grants":["‹refresh_token›","‹client_credentials›","‹password›"]}'),
    kept("second-schema", "OpenAPI", '{"openapi":"3.1.0","components":{"schemas":{"Login":{"properties":{"password":{"type":"‹string›","format":"‹password›","example":"‹correct-horse-battery›"},"token":{"type":"‹string›","description":"‹The bearer token›"}}}}}}'),
    # Devices and internal services.
    kept("second-device", "devices", '{"imei":"‹490154203237518›","iccid":"‹8991101200003204510›","mac":"‹00:1A:2B:3C:4D:5E›","firmware":"‹a1b2c3d4e5f60718293a4b5c6d7e8f9012345678›","pin_state":"‹unlocked›"}'),
    kept("second-metrics", "metrics", "# HELP auth_tokens_total Tokens\nauth_tokens_total{type=\"‹refresh_token›\",key=\"‹session_key_v2›\"} ‹1027›\npassword_checks_total{result=\"‹ok›\"} ‹88›\n", TEXT),
    kept("second-health", "health checks", '{"checks":{"secrets":"‹ok›","token_service":{"status":"‹UP›","latency":"‹12ms›"}},"build":"‹2026.03.01-6dcb09b›"}'),
    kept("second-flags", "flag servers", '{"flags":{"enable_password_login":true,"token_v2":"‹treatment-b›","new_api_key_page":"‹control›"},"key":"‹new-checkout-flow›"}'),
    kept("second-tracing", "traces", '{"traceId":"‹4bf92f3577b34da6a3ce929d0e0e4736›","spanId":"‹00f067aa0ba902b7›","attributes":{"http.request.header.authorization":"‹[REDACTED]›","session.id":"","db.statement":"‹SELECT password_hash FROM users WHERE id = ?›"}}'),
    kept("second-cache", "caches", '{"cacheKey":"‹user:7:profile:v3:6dcb09b5b57875f334f61aebed695e2e4193db5e›","partition_key":"‹tenant#0001#2026-03-01T10:00:00Z›","sort_key":"‹order#000000123456789›"}'),
    kept("second-ndjson", "structured logs", '{"msg":"‹token refreshed›","auth":"‹oauth2›","key":"‹jobs:nightly-export›"}\n{"msg":"‹password changed by ada›","pass":‹12›,"fail":‹0›}\n', NDJSON),
    kept("second-test-report", "test reports", '{"tests":[{"name":"‹test_login[wrong-password]›","outcome":"‹passed›"},{"name":"‹test_token_refresh›","assertion":"‹status == 401›"}],"pass":‹41›}'),
    # Pages, tables, markup.
    kept("second-page", "log-in pages", '<form action="/login"><label for="password">‹Password›</label><input type="password" id="password" name="password" placeholder="‹Your password›" autocomplete="‹current-password›" value=""><button>‹Sign in›</button></form>', HTML),
    kept("second-page-table", "documentation pages", "<table><tr><th>Token</th><th>Meaning</th></tr><tr><td>‹password›</td><td>‹The password of the account, 8 to 64 characters›</td></tr><tr><td>API key</td><td>‹Required›</td></tr></table>", HTML),
    kept("second-page-terms", "help pages", "<dl><dt>Password</dt><dd>‹Choose one with 12 characters›</dd><dt>Token</dt><dd>‹See chapter 3›</dd></dl><p>‹The secret of good tea: 3 minutes at 90 °C.›</p>", HTML),
    kept("second-page-script", "pages with scripts", '<script src="/static/js/main.8f2a91c3.js" integrity="‹sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC›" crossorigin="‹anonymous›"></script><div data-key="‹menu-item-42›" data-token-count="‹12›"></div>', HTML),
    kept("second-xml", "XML configuration", '<settings><passwordPolicy minLength="‹12›">‹strict›</passwordPolicy><key name="‹theme›">‹dark-blue-2026›</key><tokenTimeout>‹3600›</tokenTimeout></settings>', XML),
    kept("second-csv", "exports", "id,name,token_count,password_changed,key\n7,‹ada›,‹1200›,‹2026-03-01›,‹ORDER-2026-000123›\n8,‹bob›,‹88›,‹never›,‹ORDER-2026-000124›\n", CSV),
    kept("second-yaml", "service configuration", "auth:\n  type: ‹jwt›\n  tokenExpiry: ‹15m›\n  secretName: ‹shop-credentials›\n  existingSecret: ‹shop-db›\n  passwordSecretKey: ‹db-password›\n  passwordFile: ‹/run/secrets/db_password›\n", YAML),
    kept("second-readme", "README files", "## Settings\n\n| Name | Meaning |\n|---|---|\n| `API_KEY` | ‹the key of the service, required› |\n| `DB_PASSWORD` | ‹password of the database› |\n\nRun `‹export API_KEY=<your key>›` first. The token is ‹optional›.\n", TEXT),
    kept("second-python", "source files", "def login(user: str, password: str = ‹None›, *, token: Token | None = ‹None›) -> Session:\n    secret = ‹load_secret(name)›\n    return Session(user, password=‹password›, token=‹token.value›)\n", TEXT),
    kept("second-sql", "database logs", "SELECT ‹token_id›, ‹password_hash› FROM ‹api_tokens› WHERE token_type = '‹refresh›' AND key = '‹theme›' ORDER BY 1;\n", TEXT),
    kept("second-headers", "response headers", '{"ok":true}', headers=(("X-Request-Id", "‹a3f1c2d4e5b60718293a4b5c6d7e8f90›"), ("X-RateLimit-Limit-Tokens", "‹30000›"), ("X-Cache-Key", "‹GET:/v1/items?page=2›"), ("X-Amz-Cf-Id", "‹Zx9Lk3mN8pQ2rS5tU7vW1yA4bC6dE0fG==›"))),
    kept("second-urls", "query parameters", '{"ok":true}', target="/v1/search?q=‹reset+password›&sort_key=‹created_at›&state=‹open›&code=‹DE›&page_token=‹CAUQAA›&fields=‹token_type,key_id›"),
    kept("second-path", "paths", '{"ok":true}', target="/docs/reset/‹how-to-reset-your-password-in-2026›"),
    kept("second-form", "forms", '{"ok":true}', sent="q=‹token›&order=‹4111111111111111›&grant=‹password›&token_type_hint=‹refresh_token›"),
)
