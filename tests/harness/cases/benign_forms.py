"""Values whose form resembles a secret's: ids, hashes, cursors, slugs; and words of the environment."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from .kept import Kept, kept
from .rows import CSV, HTML, NDJSON, TEXT, XML

_IDS = (
    kept("uuids", "ids of many APIs", '{"id":"‹«uuid»›","tenant_id":"‹«uuid»›","correlationId":"‹«uuid»›","guid":"‹{«uuid»}›","hex":"‹«uuid hex»›"}'),
    kept("ulids", "ULIDs", '{"id":"‹«ulid»›","run":"‹«ulid»›","items":["‹«ulid»›"]}'),
    kept("object-ids", "MongoDB ids", '{"_id":"‹«/[a-f0-9]{24}/»›","owner":{"$oid":"‹«/[a-f0-9]{24}/»›"}}'),
    kept("nanoids", "nanoid and KSUID", '{"id":"‹«/[A-Za-z0-9_-]{21}/»›","ksuid":"‹2«/[A-Za-z0-9]{26}/»›","cuid":"‹c«/[a-z0-9]{24}/»›"}'),
    kept("snowflakes", "Discord and Twitter ids", '{"id":"‹1234567890123456789›","guild_id":"‹987654321098765432›","nonce":"‹1788220800123456789›"}'),
    kept("node-ids", "Relay ids", '{"data":{"node":{"id":"‹«b64:Customer:4711:shop-eu»›","cursor":"‹«b64:arrayconnection:4711»›"}},"pageInfo":{"endCursor":"‹«b64:cursor:v2:2026-03-01T10:00:00Z»›"}}'),
    kept("prefixed-ids", "object ids of payment APIs", '{"id":"‹ch_«/[A-Za-z0-9]{24}/»›","customer":"‹cus_«/[A-Za-z0-9]{14}/»›","payment_intent":"‹pi_«/[A-Za-z0-9]{24}/»›","price":"‹price_«/[A-Za-z0-9]{24}/»›","event":"‹evt_«/[A-Za-z0-9]{24}/»›"}'),
    kept("assistant-ids", "OpenAI objects", '{"id":"‹asst_«/[A-Za-z0-9]{24}/»›","thread_id":"‹thread_«/[A-Za-z0-9]{24}/»›","file_ids":["‹file-«/[A-Za-z0-9]{22}/»›"],"vector_store":"‹vs_«/[A-Za-z0-9]{24}/»›"}'),
    kept("slack-ids", "Slack", '{"ok":true,"channel":"‹C«/[A-Z0-9]{10}/»›","ts":"‹1788220800.123456›","team":"‹T«/[A-Z0-9]{10}/»›","client_msg_id":"‹«uuid»›","response_metadata":{"next_cursor":"‹«b64:team:C061EG9T2»›"}}'),
    kept("twilio-sids", "Twilio", '{"sid":"‹SM«hex32»›","account_sid":"‹AC«hex32»›","messaging_service_sid":"‹MG«hex32»›","status":"queued"}'),
    kept("aws-ids", "AWS resources", '{"InstanceId":"‹i-«/[a-f0-9]{17}/»›","ImageId":"‹ami-«/[a-f0-9]{17}/»›","VpcId":"‹vpc-«/[a-f0-9]{8}/»›","AccountId":"‹123456789012›","UserId":"‹AIDA«/[A-Z2-7]{17}/»›","ReservationId":"‹r-«/[a-f0-9]{17}/»›"}'),
    kept("kafka", "Kafka REST", '{"cluster_id":"‹«/[A-Za-z0-9_-]{22}/»›","topic":"‹token-events›","key":"‹customer-17›","offset":123456789012}'),
    kept("youtube", "YouTube", '{"items":[{"id":"‹«/[A-Za-z0-9_-]{11}/»›","etag":"‹«/[A-Za-z0-9_-]{27}/»›","snippet":{"channelId":"‹UC«/[A-Za-z0-9_-]{22}/»›"}}],"nextPageToken":"‹CAUQAA›"}'),
    kept("plus-codes", "geographic codes", '{"plus_code":"‹9F4MG9Q2+XR›","geohash":"‹u33dc0cpke4q›","place_id":"‹ChIJ«/[A-Za-z0-9_-]{23}/»›"}'),
    kept("identifiers", "other numbers", '{"isbn":"‹978-3-16-148410-0›","doi":"‹10.1000/xyz123›","orcid":"‹0000-0002-1825-0097›","vin":"‹1HGCM82633A004352›","lei":"‹529900T8BM49AURSDO55›","bic":"‹DEUTDEFF500›","mac":"‹00:1b:44:11:3a:b7›"}'),
    kept("vat-and-phone", "company registers", '{"vat":"‹ATU12345678›","phone":"‹+49 30 901820›","postcode":"‹SW1A 2AA›","ssn_like":"‹000-12-3456›","tax":"‹12/345/67890›"}'),
)

_HASHES = (
    kept("etags", "conditional requests", '{"n":1}', headers=(("ETag", '‹W/"«hex40»"›'), ("Last-Modified", "‹Wed, 21 Oct 2015 07:28:00 GMT›"), ("Digest", "‹sha-256=«key32»›")), sent_headers=(("If-None-Match", '‹W/"«hex40»"›'), ("If-Match", '‹"«hex64»"›'))),
    kept("sri", "subresource integrity", '<script src="/app.«/[a-f0-9]{8}/».js" integrity="‹sha384-«/[A-Za-z0-9+/]{64}/»›" crossorigin></script><link rel="stylesheet" href="/main.‹«/[a-f0-9]{20}/»›.css">', HTML),
    kept("csp", "content security policies", "<p>hello</p>", HTML, headers=(("Content-Security-Policy", "‹default-src 'self'; script-src 'sha256-«key32»'›"), ("Permissions-Policy", "‹publickey-credentials-get=(self)›"), ("Strict-Transport-Security", "‹max-age=63072000; includeSubDomains; preload›"))),
    kept("csp-nonce", "content security policies", '<script nonce="‹«key16»›">boot()</script><style nonce="‹«=1»›">p{}</style>', HTML, headers=(("Content-Security-Policy", "‹script-src 'nonce-«=1»' 'strict-dynamic'›"),)),
    kept("asset-manifest", "build manifests", '{"main.js":"/static/main.‹«/[a-f0-9]{20}/»›.js","token.svg":"‹/static/token.«/[a-f0-9]{8}/».svg›"}'),
    kept("release-hashes", "release files", "‹«hex64»›  tool-1.2.3-linux-amd64.tar.gz\n‹«hex64»›  tool-1.2.3-darwin-arm64.tar.gz\n", TEXT),
    kept("ipfs", "IPFS", '{"Hash":"‹Qm«/[1-9A-HJ-NP-Za-km-z]{44}/»›","cid":"‹bafybei«/[a-z2-7]{52}/»›"}'),
    kept("ethereum", "Ethereum JSON-RPC", '{"jsonrpc":"2.0","result":{"hash":"‹0x«hex64»›","from":"‹0x«hex40»›","contract":"‹0x«hex40»›","token":"‹0x«hex40»›","tokenAddress":"‹0x«hex40»›"}}'),
    kept("transparency", "certificate transparency", '{"leaf_input":"‹«/[A-Za-z0-9+/]{120}/»›","issuer_key_hash":"‹«hex64»›","serial_number":"‹«/[a-f0-9]{32}/»›"}'),
    kept("certificate", "PEM certificates", "-----BEGIN CERTIFICATE-----\n‹«key64»›\n-----END CERTIFICATE-----\n", "application/x-pem-file"),
    kept("public-pem", "public keys", '{"public_key":"-----BEGIN PUBLIC KEY-----\\n‹«key64»›\\n-----END PUBLIC KEY-----\\n","fingerprint":"‹SHA256:«/[A-Za-z0-9+/]{43}/»›","algorithm":"‹ssh-ed25519›"}'),
    kept("known-hosts", "known_hosts", "git.example ssh-ed25519 ‹AAAAC3NzaC1lZDI1NTE5AAAA«/[A-Za-z0-9+/]{43}/»›\n", TEXT),
    kept("minisign", "public keys of tools", "untrusted comment: minisign public key\n‹RW«/[A-Za-z0-9+/]{54}/»›\nage1‹«/[a-z0-9]{58}/»›\n", TEXT),
    kept("git-diff", "patches", "diff --git a/auth.py b/auth.py\nindex ‹«/[a-f0-9]{7}/»›..‹«/[a-f0-9]{7}/»› 100644\n-    password = ‹get_password()›\n+    password = ‹settings.PASSWORD›\n", TEXT),
    kept("data-uri", "inline images", '{"avatar":"‹data:image/png;base64,iVBORw0KGgo«/[A-Za-z0-9+/]{120}/»›","blurhash":"‹LEHV6nWB2yk8pyo0adR*.7kCMdnj›"}'),
    kept("svg-path", "SVG", '<svg><path d="‹M12 2a5 5 0 0 1 5 5v3h1a2 2 0 0 1 2 2v8›"/><g id="‹key-icon›" class="‹token-badge›"/></svg>', "image/svg+xml"),
    kept("vector", "recommendations", '{"vector":"‹«/[A-Za-z0-9+/]{200}/»›","model":"‹two-tower-v3›","scores":[0.123456789,0.987654321]}'),
    kept("proto-any", "encoded messages", '{"@type":"‹type.googleapis.com/google.rpc.ErrorInfo›","reason":"‹ACCESS_TOKEN_EXPIRED›","metadata":{"service":"‹iam.googleapis.com›","method":"‹google.iam.v1.GetSecret›"}}'),
)

_CURSORS = (
    kept("cursors", "paginated answers", '{"data":[],"paging":{"next_cursor":"‹«/[A-Za-z0-9+/]{40}/»›","previous_cursor":"‹«/[A-Za-z0-9_-]{40}/»›","continuation_token":"‹«/[A-Za-z0-9+/]{60}/»›"},"nextPageToken":"‹«/[A-Za-z0-9_-]{60}/»›"}', target="/v1/items?page_token=‹«/[A-Za-z0-9_-]{44}/»›&limit=20"),
    kept("link-header", "RFC 8288", "[]", headers=(("Link", '‹<https://x.example/items?cursor=«/[A-Za-z0-9_-]{40}/»&per_page=50>; rel="next"›'), ("X-Next-Page-Token", "‹«/[A-Za-z0-9_-]{32}/»›")), target="/items?after=‹«/[A-Za-z0-9_-]{28}/»›"),
    kept("youtube-pages", "Google APIs", '{"nextPageToken":"‹CDIQAA›","prevPageToken":"‹CAUQAQ›","pageInfo":{"totalResults":1000000}}', target="/youtube/v3/search?pageToken=‹CAUQAA›&part=snippet"),
    kept("dropbox-cursor", "Dropbox", '{"entries":[],"cursor":"‹AAH«/[A-Za-z0-9_-]{90}/»›","has_more":false}', sent='{"cursor":"‹AAF«/[A-Za-z0-9_-]{90}/»›"}'),
    kept("elastic-scroll", "Elasticsearch", '{"_scroll_id":"‹FGluY2x1ZGVf«/[A-Za-z0-9]{80}/»›","took":7,"hits":{"total":{"value":0}},"pit_id":"‹46ToAwMDaWR5«/[A-Za-z0-9]{60}/»›"}'),
    kept("delta-sync", "Matrix sync", '{"next_batch":"‹s72595_4483_1934_«/[0-9]{6}/»›","rooms":{"join":{}},"device_lists":{"changed":[]}}', target="/_matrix/client/v3/sync?since=‹s72594_4483_1934›"),
    kept("rate-limits", "rate-limit headers", "{}", headers=(("RateLimit", '‹"default";r=50;t=30›'), ("RateLimit-Policy", '‹"default";q=100;w=60›'), ("X-RateLimit-Tokens-Remaining", "‹9999›"), ("X-Token-Bucket", "‹burst-40-refill-2›"), ("Retry-After", "‹120›"))),
    kept("trace-headers", "trace headers", "{}", headers=(("traceparent", "‹00-«/[a-f0-9]{32}-[a-f0-9]{16}/»-01›"), ("X-B3-TraceId", "‹«hex32»›"), ("X-Cloud-Trace-Context", "‹«hex32»/123;o=1›"), ("X-Correlation-Id", "‹«uuid»›"), ("X-Request-Id", "‹«/[A-Za-z0-9]{26}/»›"), ("CF-Cache-Status", "‹HIT›"), ("X-Served-By", "‹cache-fra-etou8220062-FRA›"))),
    kept("cors", "CORS", "{}", headers=(("Access-Control-Allow-Headers", "‹Authorization, X-Api-Key, X-CSRF-Token, X-Amz-Security-Token›"), ("Access-Control-Expose-Headers", "‹X-Auth-Token, Set-Cookie›"), ("Vary", "‹Authorization, Cookie›"), ("Access-Control-Allow-Credentials", "‹true›")), sent_headers=(("Access-Control-Request-Headers", "‹authorization,x-api-key›"),)),
    kept("auth-challenges", "challenges", "{}", headers=(("WWW-Authenticate", '‹DPoP error="use_dpop_nonce", algs="ES256"›'), ("Proxy-Authenticate", '‹Basic realm="corp proxy"›'), ("X-Auth-Type", "‹api-key-or-token›"), ("Set-Cookie", "‹csrf_enabled=true; Path=/›"))),
    kept("client-headers", "client headers", "{}", sent_headers=(("User-Agent", "‹python-httpx/0.28.1 token-service/2.4.1›"), ("X-Client-Name", "‹secret-manager-cli›"), ("Idempotency-Key", "‹«uuid»›"), ("X-Goog-Api-Client", "‹gl-python/3.12.1 grpc/1.68.0 gax/2.24.0›"), ("anthropic-version", "‹2023-06-01›"), ("X-Stainless-Runtime-Version", "‹3.12.1›"), ("Accept", "‹application/vnd.api+json›"))),
)

_URLS = (
    kept("url-services", "slugs", '{"next":"https://shop.example/services/‹customer-support-and-returns›"}', target="/services/‹customer-identity-verification›"),
    kept("url-verify", "slugs", '{"next":"https://shop.example/verify/‹business-registration-documents›"}', target="/verify/‹email-address-confirmation›"),
    kept("url-reset", "slugs", '{"next":"/reset/‹your-password-in-three-steps›"}', target="/reset/‹instructions-for-administrators›"),
    kept("url-token-paths", "token end points", '{"to":"https://id.example/oauth2/token/‹introspection-endpoint›"}', target="/tokens/‹summary-of-the-last-thirty-days›"),
    kept("url-webhooks", "webhook management", '{"url":"https://shop.example/webhooks/‹orders-created-notification›"}', target="/webhooks/‹417›/deliveries"),
    kept("url-invite", "slugs", '{"to":"https://shop.example/invite/‹how-it-works-for-organisations›"}', target="/invite/‹terms-and-conditions-2026›"),
    kept("url-blog", "news sites", '{"canonical":"https://news.example/2026/03/‹why-your-password-manager-matters-1788220800›","amp":"https://news.example/a/‹«/[a-f0-9]{12}/»›"}'),
    kept("url-states", "filters", "[]", target="/issues?state=‹open›&sort=‹created›&code=‹DE-BY›&key=‹priority›&token=‹all›"),
    kept("url-code-word", "OAuth errors", "{}", target="/error?code=‹temporarily_unavailable›&state=‹waiting_for_manual_review›&key=‹customer_identifier›"),
    kept("url-search", "search words", '{"q":"‹how to reset a password›"}', target="/search?q=‹forgot%20password%20token%20secret›&signature=‹none›"),
    kept("url-public", "public parameters", "{}", target="/auth?client_id=‹«/[0-9]{12}-[a-z0-9]{32}/».apps.googleusercontent.com›&code_challenge=‹«url43»›&code_challenge_method=‹S256›&nonce=n1&response_type=‹code+id_token›"),
    kept("url-cache-buster", "assets", "{}", target="/app.js?v=‹«/[a-f0-9]{20}/»›&_=‹1788220800123›&key=‹2›"),
    kept("url-map", "map tiles", "{}", target="/tiles/12/2200/1343.png?style=‹streets-v12›&session=‹false›"),
    kept("url-userinfo", "URLs with a user alone", '{"ssh":"‹ssh://git@github.example/o/r.git›","mail":"‹mailto:ada@shop.example›","db":"‹postgresql://app@db.example/shop›","empty":"‹redis://cache.example:6379/0›","template":"‹postgres://app:${DB_PASSWORD}@db.example/shop›"}'),
    kept("url-commit", "code hosting", "{}", target="/o/r/commit/‹«hex40»›?diff=‹split›"),
)

_OTHER = (
    kept("flags", "LaunchDarkly flags", '{"enable-new-token-flow":{"value":‹true›,"version":417},"password-strength-meter":{"value":"‹variant-b-2026›","variation":1},"secret-menu":{"value":"‹control›"},"api-key-rotation":{"value":"‹treatment-2-of-3›"}}'),
    kept("colours", "design tokens", '{"token":{"color":{"primary":{"value":"‹#1a2b3c4d›","type":"‹color›"},"shadow":{"value":"‹0 1px 2px rgba(0,0,0,.3)›"}},"font":{"value":"‹Inter-SemiBold-600›"}},"key-color":"‹#ffcc00aa›"}'),
    kept("design-tokens", "W3C design tokens", '{"tokens":[{"name":"‹spacing.large-2x›","$value":"‹24px›","$type":"‹dimension›"},{"token":"‹button-background-hover›","$value":"‹#0f62fe›"}]}'),
    kept("lexer", "syntax trees", '{"tokens":[{"type":"‹Identifier›","value":"‹password›","range":[0,8]},{"type":"‹Punctuator›","value":"‹=›"},{"type":"‹StringLiteral›","token":"‹TemplateExpression›"}]}'),
    kept("translations", "translation memories", '{"source":"‹Your session token has expired.›","target":"‹Ihr Sitzungstoken ist abgelaufen.›","key":"‹session.token.expired›"}'),
    kept("sports", "games", '{"secret_santa":"‹2026-edition›","hidden_password_level":"‹level-12-of-30›","token_balance":‹1200›,"token":"‹Race car›","pass":"‹season-pass-gold-2›"}'),
    kept("crypto-markets", "token markets", '{"tokens":[{"symbol":"‹USDC›","token":"‹wrapped-bitcoin›","token_name":"‹Wrapped Bitcoin›","token_symbol":"‹WBTC›","decimals":8}],"secret":{"usd":0.3,"name":"‹secret-network›"}}'),
    kept("transit", "ticket shops", '{"pass":"‹day-ticket-zone-ab›","passType":"‹monthly-2026-03›","boardingPass":{"seat":"‹12A›","sequence":"‹0042›"}}'),
    kept("keyboard", "key words", '{"key":"‹ArrowRight›","keyCode":39,"hotkey":"‹ctrl+shift+k›","primaryKey":"‹customer_id›","foreign_key":"‹orders.customer_id›","partition_key":"‹2026-03-01#eu›","sort_key":"‹created_at›","cache_key":"‹v2:products:page:3›","object_key":"‹images/2026/03/hero-banner@2x.webp›"}'),
    kept("questions", "security questions", '{"secret_question":"‹What was the name of your first pet?›","password_hint":"‹the usual one with a dog›"}'),
    kept("descriptions", "tickets", '{"title":"‹Rotate the API key of the payment service›","body":"‹The password reset token is sent twice. Secret: none. Token: see vault. Password: unchanged since Monday.›","labels":["‹area/secrets›","‹kind/token-expiry›"]}'),
    kept("csv-benign", "exports", "‹token_name›,created,last_used,password_set\n‹ci-runner-eu-1›,2026-01-01,2026-03-01,‹yes›\n‹release-bot›,2026-01-02,never,‹no›\n", CSV),
    kept("csv-words", "surveys", "id,secret,password_policy\n1,‹approved›,‹strict›\n2,‹pending›,‹relaxed›\n3,‹approved›,‹strict›\n", CSV),
    kept("ndjson-logs", "structured logs", '{"level":"info","msg":"‹token refreshed›","token_ttl":3600,"key_id":"‹key-2026-03›"}\n{"level":"warn","msg":"‹password: too short›","secret_name":"‹db/main›"}\n', NDJSON),
    kept("log-lines", "logs", "[2026-03-01] INFO auth: password=‹[REDACTED]› token=‹None› secret=‹null› api_key=‹***›\n2026-03-01 token: ‹expired›, password: ‹missing›\n", TEXT),
    kept("xml-words", "SOAP types", '<xs:element name="password" type="‹xs:string›" minOccurs="0"/><xs:element name="token" type="‹tns:TokenType›"/><fault><faultcode>‹wsse:FailedAuthentication›</faultcode><password>‹string›</password></fault>', XML),
    kept("saml-metadata", "SAML metadata", '<md:KeyDescriptor use="signing"><ds:X509Certificate>‹«key64»›</ds:X509Certificate></md:KeyDescriptor><md:NameIDFormat>‹urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress›</md:NameIDFormat>', XML),
    kept("html-page", "documentation pages", '<h1>‹API keys›</h1><p>‹Your password must be at least 8 characters long.›</p><td>token</td><td>‹string›</td><td>secret</td><td>‹required›</td><a href="#‹client_secret›">client_secret</a>', HTML),
    kept("ini-words", "INI files", "[auth]\nauthentication = ‹password›\npassword_file = ‹/etc/app/passwords›\ntoken_ttl = ‹3600›\nsecret_backend = ‹vault›\n", TEXT),
    kept("toml-words", "TOML files", '[auth]\ntoken = ‹"env:API_TOKEN"›\npassword_hash = ‹"argon2id"›\nkeyring_provider = ‹"subprocess"›\n', "application/toml"),
    kept("properties-words", "Java properties", "spring.datasource.password=‹${DB_PASSWORD}›\nsecurity.token.type=‹opaque›\nserver.ssl.key-store-type=‹PKCS12›\njwt.issuer=‹https://id.example›\n", TEXT),
    kept("nginx-words", "nginx", "proxy_set_header Authorization ‹$http_authorization›;\nproxy_set_header X-Api-Key ‹$arg_key›;\nsecure_link_secret ‹$secret_word›;\n", TEXT),
    kept("sql-words", "SQL", "SELECT token, password FROM ‹users› WHERE secret = ‹$1› AND api_key IS ‹NOT NULL›; ALTER ROLE app PASSWORD ‹NULL›;\n", TEXT),
    kept("curl-words", "documentation", "curl -H 'Authorization: Bearer ‹<access_token>›' -u ‹username:password› https://api.example -d password=‹<password>›\n", TEXT),
    kept("versions", "versions", '{"version":"‹1.2.3-rc.4+sha.«/[a-f0-9]{7}/»›","kernel":"‹6.8.0-45-generic›","build":"‹20260301.4-gha›","pkg":"‹libsecret-1-0_0.21.4-1build3_amd64.deb›"}'),
    kept("timestamps", "times", '{"at":"‹2026-03-01T10:00:00.123456789Z›","epoch_ns":"‹1788220800123456789›","rrule":"‹FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231T000000Z›","cron":"‹0 3 * * MON-FRI›","session":"‹2026-03-01-morning›"}'),
    kept("mime", "content types", '{"type":"‹application/vnd.openxmlformats-officedocument.wordprocessingml.document›","disposition":"‹form-data; name=\\"token\\"›"}'),
    kept("cloud-words", "regions and machine types", '{"region":"‹eu-central-1›","machine":"‹n2-standard-16›","key_vault_sku":"‹premium›","secret_rotation":"‹every-90-days›","token_signing":"‹RS256-2048›"}'),
    kept("names", "people and places", '{"name":"‹Ada Lovelace›","user":"‹ada.lovelace.1815›","email":"‹ada.lovelace.1815@shop.example›","city":"‹Llanfairpwllgwyngyll›","street":"‹Straße des 17. Juni 135›"}'),
    kept("statuses", "job states", '{"credential_status":"‹active›","secret_state":"‹enabled›","token_status":"‹revoked›","passwordState":"‹EXPIRED›","auth":"‹oauth2›","session":"‹closed›","sid":"‹none›"}'),
    kept("null-and-empty", "empty values", '{"password":null,"token":"","api_key":{},"secret":[],"otp":false,"credentials":[{"type":"‹password›"}],"pin_enabled":true}'),
    kept("numbers", "counts under strong names", '{"password_count":12345678,"token":4096,"secret_version":‹17›,"max_tokens":‹128000›,"pinned":3,"pin_count":‹4›,"otp_length":6,"session_timeout":‹1800000›}'),
    kept("code-words", "codes that are no secrets", '{"code":"‹ERR_TOKEN_INVALID_417›","country_code":"‹DE›","postal_code":"‹10115›","error_code":‹190›,"promo_code":"‹SUMMER2026›","currency_code":"‹EUR›","verification_code_sent":true,"exit_code":137}'),
    kept("queue-password", "QUEUE_PASSWORD=internal", '{"scope":"‹internal›","visibility":"‹internal›","error":"‹internal server error›","host":"‹queue.internal.shop.example›","internal":{"network":"‹internal-7›"}}', environment=(("QUEUE_PASSWORD", "internal"), ("ADMIN_PASSWORD", "administrator"), ("SESSION_SECRET", "development"), ("API_TOKEN", "placeholder"), ("DB_PASS", "postgres"), ("REDIS_PASSWORD", "localhost"))),
    kept("words-of-variables", "weak values of the environment", '{"role":"‹administrator›","env":"‹development›","database":"‹postgres›","note":"‹a placeholder in development›","url":"‹http://localhost:8000/development›","user":"‹postgres›"}'),
    kept("dns-challenge", "ACME", '{"type":"‹dns-01›","status":"‹pending›","url":"https://acme.example/chall/‹7›","identifiers":[{"type":"dns","value":"‹shop.example›"}]}'),
    kept("recaptcha-site", "public site keys", '{"sitekey":"‹6L«/[A-Za-z0-9_-]{38}/»›","vapid_public":"‹B«/[A-Za-z0-9_-]{86}/»›","sentry":"‹https://«hex32»@o7.ingest.sentry.example/42›","gtm":"‹GTM-«/[A-Z0-9]{7}/»›"}'),
)

KEPT: tuple[Kept, ...] = (*_IDS, *_HASHES, *_CURSORS, *_URLS, *_OTHER)
