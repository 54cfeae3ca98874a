"""Secrets in URLs: requested ones, and those that answers carry."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from .rows import JSON, TEXT, Case, got, link, sent, url

_SIGNED: Mapping[str, tuple[str, str]] = {
    "s3-v4": ("S3 presigned URL", "https://b.s3.example/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=«aws»%2F20260301%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=«hex64»"),
    "s3-session": ("S3 presigned URL of a role", "https://b.s3.example/k?X-Amz-Security-Token=«pct:«/IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{300}/»»&X-Amz-Signature=«hex64»"),
    "s3-v2": ("S3 Signature Version 2", "https://b.s3.example/k?AWSAccessKeyId=AKIDEXAMPLE&Expires=1788220800&Signature=«pct:«/[A-Za-z0-9+/]{27}=/»»"),
    "cloudfront": ("CloudFront signed URL", "https://d1.cdn.example/v.mp4?Expires=1788220800&Signature=«/[A-Za-z0-9~-]{342}__/»&Key-Pair-Id=K2JCJMDEHXQW5F"),
    "gcs-v4": ("Google Cloud Storage signed URL", "https://storage.example/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=«/ci[a-z]{10}%40shop.iam%2F20260301%2Fauto%2Fstorage%2Fgoog4_request/»&X-Goog-Signature=«/[a-f0-9]{512}/»"),
    "gcs-v2": ("Google Cloud Storage, version 2", "https://storage.example/b/o?GoogleAccessId=ci%40shop&Expires=1788220800&Signature=«pct:«key64»»"),
    "azure-sas": ("Azure Blob SAS", "https://acc.blob.example/c/b?sv=2024-11-04&se=2026-03-01T12%3A00%3A00Z&sr=b&sp=r&sig=«pct:«key32»»"),
    "azure-user-sas": ("Azure user delegation SAS", "https://acc.blob.example/c/b?skoid=1&sktid=2&sks=b&skv=2024-11-04&sp=r&sig=«pct:«key32»»"),
    "azure-function": ("Azure Functions", "https://shop.azurewebsites.example/api/hook?code=«/[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{4}%3D%3D/»"),
    "logic-app": ("Azure Logic Apps", "https://prod.logic.example/workflows/7/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers&sv=1.0&sig=«url43»"),
    "alibaba-oss": ("Alibaba OSS", "https://b.oss.example/k?OSSAccessKeyId=«/LTAI[A-Za-z0-9]{20}/»&Expires=1788220800&Signature=«pct:«/[A-Za-z0-9+/]{27}=/»»"),
    "alibaba-v4": ("Alibaba OSS, version 4", "https://b.oss.example/k?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=900&x-oss-signature=«hex64»"),
    "tencent-cos": ("Tencent COS", "https://b.cos.example/k?q-sign-algorithm=sha1&q-ak=«/AKID[A-Za-z0-9]{32}/»&q-sign-time=1;2&q-signature=«hex40»"),
    "oracle-par": ("Oracle pre-authenticated request", "https://objectstorage.example/p/«/[A-Za-z0-9_-]{64}/»/n/ns/b/bucket/o/report.csv"),
    "backblaze": ("Backblaze B2", "https://f001.b2.example/file/b/k?Authorization=«/3_2026[A-Za-z0-9_-]{64}_acct/»"),
    "wasabi": ("Wasabi, S3 compatible", "https://s3.wasabi.example/b/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=«pct:«/[A-Za-z0-9+/]{27}=/»»&Expires=1"),
    "spaces": ("DigitalOcean Spaces", "https://b.fra1.example/k?X-Amz-Credential=«/DO00[A-Z0-9]{16}%2F20260301/»&X-Amz-Signature=«hex64»"),
    "huawei-obs": ("Huawei OBS", "https://b.obs.example/k?AccessKeyId=HPUAEXAMPLE&Expires=1&Signature=«pct:«/[A-Za-z0-9+/]{27}=/»»"),
    "qiniu": ("Qiniu Kodo", "https://cdn.example/k?e=1788220800&token=«/shopaccess:[A-Za-z0-9_-]{27}%3D/»"),
    "swift-tempurl": ("OpenStack Swift TempURL", "https://swift.example/v1/AUTH_a/c/o?temp_url_sig=«hex64»&temp_url_expires=1788220800"),
    "akamai-token": ("Akamai edge authorization", "https://cdn.example/v.m3u8?hdnts=exp=1788220800~acl=/*~hmac=«hex64»"),
    "fastly-token": ("Fastly signed URL", "https://cdn.example/v.mp4?token=«/1788220800_[a-f0-9]{40}/»"),
    "cloudflare-stream": ("Cloudflare Stream", "https://customer.example/«jwt»/manifest/video.m3u8"),
    "cloudflare-images": ("Cloudflare Images", "https://img.example/a/b/public?exp=1788220800&sig=«hex64»"),
    "bunny": ("Bunny CDN", "https://b.cdn.example/v.mp4?token=«/[A-Za-z0-9_-]{43}/»&expires=1788220800"),
    "mux": ("Mux playback", "https://stream.mux.example/a1.m3u8?token=«jwt»"),
    "cloudinary": ("Cloudinary", "https://api.cloudinary.example/v1_1/shop/download?public_id=7&signature=«hex40»&api_key=123456789012345"),
    "imgix": ("imgix", "https://shop.imgix.example/a.jpg?w=400&s=«hex32»"),
    "supabase-storage": ("Supabase Storage", "https://p.supabase.example/storage/v1/object/sign/b/k?token=«jwt»"),
    "firebase-storage": ("Firebase Storage", "https://firebasestorage.example/v0/b/b/o/k?alt=media&token=«uuid»"),
    "dropbox-content": ("Dropbox temporary links", "https://uc1.dl.dropbox.example/cd/0/get/«/[A-Za-z0-9_-]{120}/»/file"),
    "discord-cdn": ("Discord attachments", "https://cdn.discord.example/attachments/1/2/a.png?ex=65&is=64&hm=«hex64»&"),
    "sharepoint": ("Microsoft Graph downloadUrl", "https://t.sharepoint.example/_layouts/15/download.aspx?UniqueId=7&tempauth=«jwt»"),
    "github-raw": ("GitHub raw files of private repositories", "https://raw.example/o/r/main/f?token=«/[A-Z0-9]{29}/»"),
    "github-lfs": ("GitHub archive links", "https://codeload.example/o/r/legacy.zip/main?token=«/[A-Z0-9]{29}/»"),
    "hf-cdn": ("Hugging Face LFS", "https://cdn-lfs.example/repos/a/b?Expires=1&Policy=eyJTdGF0ZW1lbnQi&Signature=«/[A-Za-z0-9~-]{160}/»"),
}

_WEBHOOKS: Mapping[str, tuple[str, str]] = {
    "slack-workflow": ("Slack workflow triggers", "https://hooks.slack.com/triggers/T0SHOP12/7890123456789/«hex32»"),
    "slack-workflows": ("Slack workflows", "https://hooks.slack.com/workflows/T0SHOP12/A0SHOP3456/123456789012345678/«/[A-Za-z0-9]{24}/»"),
    "discord": ("Discord webhooks", "https://discord.com/api/webhooks/1234567890123456789/«/[A-Za-z0-9_-]{68}/»"),
    "teams": ("Microsoft Teams workflows", "https://shop.webhook.office.com/webhookb2/7@8/IncomingWebhook/«hex32»/«uuid»"),
    "power-automate": ("Power Automate", "https://prod-01.westeurope.logic.azure.com:443/workflows/7/triggers/manual/paths/invoke?sig=«url43»"),
    "google-chat": ("Google Chat", "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=«/AIza[A-Za-z0-9_-]{35}/»&token=«url43»"),
    "mattermost": ("Mattermost", "https://chat.example/hooks/«/[a-z0-9]{26}/»"),
    "rocketchat": ("Rocket.Chat", "https://chat.example/hooks/«/[A-Za-z0-9]{17}/»/«/[A-Za-z0-9]{48}/»"),
    "zapier": ("Zapier catch hooks", "https://hooks.zapier.com/hooks/catch/1234567/«/[a-z0-9]{7}/»"),
    "make": ("Make", "https://hook.eu1.make.com/«/[a-z0-9]{32}/»"),
    "ifttt": ("IFTTT", "https://maker.ifttt.com/trigger/sold/with/key/«/[A-Za-z0-9_-]{43}/»"),
    "pagerduty": ("PagerDuty integrations", "https://events.pagerduty.com/integration/«hex32»/enqueue"),
    "netlify": ("Netlify build hooks", "https://api.netlify.com/build_hooks/«/[a-f0-9]{24}/»"),
    "vercel": ("Vercel deploy hooks", "https://api.vercel.com/v1/integrations/deploy/prj_7/«/[A-Za-z0-9]{10}/»"),
    "render": ("Render deploy hooks", "https://api.render.com/deploy/srv-c7?key=«/[A-Za-z0-9_-]{11}/»"),
    "telegram": ("Telegram Bot API", "https://api.telegram.org/bot«telegram»/getUpdates"),
    "telegram-file": ("Telegram files", "https://api.telegram.org/file/bot«telegram»/photos/1.jpg"),
    "feishu": ("Feishu and Lark bots", "https://open.feishu.cn/open-apis/bot/v2/hook/«uuid»"),
    "dingtalk": ("DingTalk bots", "https://oapi.dingtalk.com/robot/send?access_token=«hex64»"),
    "wecom": ("WeCom bots", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=«uuid»"),
    "sentry-dsn": ("Sentry DSN with a secret", "https://0f1e2d3c:«hex32»@sentry.example/42"),
    "datadog-intake": ("Datadog log intake", "https://http-intake.example/v1/input/«hex32»?ddsource=ci"),
    "loggly": ("Loggly", "https://logs-01.loggly.com/inputs/«uuid»/tag/http/"),
    "infura": ("Infura", "https://mainnet.infura.io/v3/«hex32»"),
    "alchemy": ("Alchemy", "https://eth-mainnet.g.alchemy.com/v2/«/[A-Za-z0-9_-]{32}/»"),
    "calendar": ("Google Calendar private feed", "https://calendar.google.com/calendar/ical/a/private-«hex32»/basic.ics"),
    "ical": ("Airbnb calendar feed", "https://www.airbnb.com/calendar/ical/7.ics?s=«hex32»"),
    "unsubscribe": ("mail links", "https://mail.example/unsubscribe/confirm/«url43»"),
    "magic": ("magic links", "https://shop.example/auth/magic-link?token=«url43»&type=magiclink"),
    "reset": ("Devise", "https://shop.example/users/password/edit?reset_password_token=«/[A-Za-z0-9_-]{20}/»"),
    "reset-django": ("Django", "https://shop.example/accounts/reset/MQ/«/c[a-z0-9]{5}-[a-f0-9]{32}/»/"),
    "invite": ("invitations", "https://shop.example/invite/«url43»"),
    "verify-email": ("Laravel signed routes", "https://shop.example/email/verify/7/abc?expires=1788220800&signature=«hex64»"),
    "firebase-action": ("Firebase Auth", "https://p.firebaseapp.example/__/auth/action?mode=resetPassword&oobCode=«/[A-Za-z0-9_-]{54}/»&lang=en"),
    "zoom": ("Zoom meetings", "https://zoom.us/j/123456789?pwd=«/[A-Za-z0-9]{32}.1/»"),
    "stripe-checkout": ("Stripe payment intents", "https://shop.example/done?payment_intent=pi_7&payment_intent_client_secret=«/pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}/»"),
    "npm-registry": ("npm registry in .npmrc", "https://ada:«/npm_[A-Za-z0-9]{36}/»@registry.example/pkg"),
    "git-oauth": ("GitLab CI clone URL", "https://gitlab-ci-token:«/glcbt-64_[A-Za-z0-9_-]{20}/»@gitlab.example/o/r.git"),
    "git-x-access": ("GitHub App clone URL", "https://x-access-token:«/ghs_[A-Za-z0-9]{36}/»@github.example/o/r.git"),
    "git-token-only": ("GitHub clone URL", "https://«/ghp_[A-Za-z0-9]{36}/»@github.example/o/r.git"),
    "pip-index": ("pip extra index", "https://__token__:«plain»@pypi.example/simple/"),
    "jitsi": ("Jitsi rooms", "https://meet.example/standup?jwt=«jwt»"),
    "jupyter": ("Jupyter servers", "http://127.0.0.1:8888/lab?token=«/[a-f0-9]{48}/»"),
    "deep-link": ("OAuth of mobile apps", "com.shop.app://cb#access_token=«url43»&expires_in=3600"),
    "otpauth": ("authenticator apps", "otpauth://totp/Shop:ada?secret=«base32»&issuer=Shop"),
    "vless": ("VLESS share links", "vless://«uuid»@vpn.example:443?security=tls"),
    "ss": ("Shadowsocks SIP002", "ss://«b64url:aes-256-gcm:«plain»»@vpn.example:8388"),
}

_TARGETS: Mapping[str, tuple[str, str]] = {
    "google-maps": ("Google Maps", "/maps/api/geocode/json?address=Berlin&key=«/AIza[A-Za-z0-9_-]{35}/»"),
    "openweather": ("OpenWeather", "/data/2.5/weather?q=Berlin&appid=«hex32»&units=metric"),
    "newsapi": ("News API", "/v2/everything?q=x&apiKey=«hex32»"),
    "tmdb": ("TMDB 3", "/3/movie/550?api_key=«hex32»&language=de"),
    "trello": ("Trello", "/1/boards/7?key=0f1e&token=«/ATTA[a-f0-9]{64}/»"),
    "gemini": ("Gemini API", "/v1beta/models/gemini-2.5-flash:generateContent?key=«/AIza[A-Za-z0-9_-]{35}/»"),
    "alpha-vantage": ("Alpha Vantage", "/query?function=TIME_SERIES_DAILY&symbol=IBM&apikey=«/[A-Z0-9]{16}/»"),
    "giphy": ("Giphy", "/v1/gifs/search?q=cat&api_key=«/[A-Za-z0-9]{32}/»&limit=5"),
    "pipedrive": ("Pipedrive", "/v1/deals?api_token=«hex40»&start=0"),
    "facebook": ("Facebook Graph", "/v21.0/me?access_token=«/EAA[A-Za-z0-9]{180}/»&appsecret_proof=«hex64»"),
    "wechat": ("WeChat", "/sns/jscode2session?appid=wx7&secret=«hex32»&js_code=«/0[A-Za-z0-9]{31}/»&grant_type=authorization_code"),
    "vk": ("VK", "/method/users.get?user_ids=1&v=5.199&access_token=«/vk1.a.[A-Za-z0-9_-]{198}/»"),
    "lastfm": ("Last.fm", "/2.0/?method=user.getInfo&api_key=«hex32»&api_sig=«hex32»&sk=«/[A-Za-z0-9_-]{32}/»"),
    "flickr": ("Flickr OAuth", "/services/rest/?oauth_token=«/72157720-[a-f0-9]{32}/»&oauth_signature=«pct:«key16»»"),
    "binance": ("Binance signed endpoint", "/api/v3/order?symbol=BTCUSDT&timestamp=1788220800000&signature=«hex64»"),
    "huobi": ("HTX", "/v1/account?AccessKeyId=«uuid»&SignatureMethod=HmacSHA256&Signature=«pct:«key32»»"),
    "hmac": ("Shopify app installs", "/auth/callback?code=«hex32»&hmac=«hex64»&shop=s.example&timestamp=1"),
    "sign": ("Alipay, Taobao", "/gateway.do?app_id=7&method=alipay.trade.query&sign=«pct:«key64»»&sign_type=RSA2"),
    "vnpay": ("VNPay", "/return?vnp_Amount=100&vnp_SecureHash=«/[a-f0-9]{128}/»"),
    "oauth-code": ("RFC 6749 redirect", "/callback?code=«/4%2F0A[A-Za-z0-9_-]{70}/»&state=«url22»&scope=email"),
    "oauth-state": ("Auth0 redirect", "/callback?state=«b64url:{\"n\":\"«»\"}»&code=«/[A-Za-z0-9_-]{48}/»"),
    "id-token": ("OpenID Connect logout", "/logout?id_token_hint=«jwt»&post_logout_redirect_uri=https%3A%2F%2Fshop.example"),
    "code-verifier": ("RFC 7636 over GET", "/token?grant_type=authorization_code&code_verifier=«url43»"),
    "device-code": ("RFC 8628", "/device?user_code=WDJB-MJHT&device_code=«url43»"),
    "saml-response": ("SAML redirect binding", "/sso?SAMLResponse=«pct:«z64:<Response ID=\"_«hex32»\"><Assertion/></Response>»»&RelayState=7"),
    "jsessionid": ("Java servlet URL rewriting", "/shop/cart;jsessionid=«/[A-F0-9]{32}/»?item=7"),
    "phpsessid": ("PHP trans-sid", "/cart.php?PHPSESSID=«/[a-z0-9]{26}/»&item=7"),
    "ticket": ("CAS validation", "/cas/serviceValidate?service=https%3A%2F%2Fshop.example&ticket=«/ST-1-[A-Za-z0-9]{32}-cas1/»"),
    "unsubscribe": ("Mailchimp", "/unsubscribe?u=7&id=8&e=0f1e&token=«url22»"),
    "sso-discourse": ("Discourse Connect", "/session/sso_login?sso=«pct:«b64:nonce=7&email=ada%40shop.example»»&sig=«hex64»"),
    "graphql-get": ("GraphQL over GET", "/graphql?query=«pct:mutation{login(user:\"ada\",password:\"«pw»\"){id}}»"),
    "variables-get": ("GraphQL over GET", "/graphql?query=q&variables=«pct:{\"input\":{\"password\":\"«pw»\"}}»"),
    "basic-in-query": ("gateways with Authorization in the query", "/v1/items?Authorization=Bearer%20«url43»"),
    "next": ("login redirects", "/login?next=«pct:/in?ticket=7&access_token=«»»"),
    "twice-encoded": ("redirect chains", "/go?to=«pct:«pct:https://shop.example/in?token=«»»»"),
    "websocket": ("Home Assistant, Gitter", "/api/websocket?access_token=«url43»"),
    "socket-io": ("Socket.IO", "/socket.io/?EIO=4&transport=polling&sid=«/[A-Za-z0-9_-]{20}/»"),
    "odata": ("OData filters", "/Users?$filter=apiKey%20eq%20'«»'"),
    "elasticsearch": ("Lucene queries", "/idx/_search?q=password:«plain»"),
    "jmx": ("Jolokia", "/jolokia/exec/app:type=Login/auth/password=«plain»"),
    "rtsp": ("IP cameras", "/cgi-bin/hi3510/param.cgi?cmd=getinfo&-usr=ada&-pwd=«plain»"),
    "dyndns": ("DuckDNS", "/update?domains=shop&token=«uuid»&ip="),
    "rss": ("private feeds", "/feed.rss?rss_token=«/[a-f0-9]{24}/»"),
    "vault-path": ("Vault token lookups", "/v1/auth/token/lookup/«/hvs.[A-Za-z0-9_-]{95}/»"),
    "password-in-path": ("embedded device APIs", "/login/ada/password/«pw»"),
    "pin": ("door phones", "/open?door=2&pin=«pin6»"),
    "otp": ("SMS gateways", "/verify?phone=1&otp=«pin6»"),
    "apikey-path": ("path keys", "/api/v1/json/apikey/«hex32»/latest"),
}


def _in_text(name: str, source: str, template: str) -> Case:
    return got(name, source, TEXT, f"See <{template}>, or ask ada@shop.example.\n")


def _sent(name: str, source: str, template: str) -> Case:
    return sent(name, source, JSON, f'{{"callback":"{template}","retries":3}}')


_PLACES = (link, _in_text, _sent)


def _cases() -> list[Case]:
    rows = []
    for number, (name, (source, template)) in enumerate(_SIGNED.items()):
        rows.append(_PLACES[number % 3](f"signed-{name}", source, template))
    for number, (name, (source, template)) in enumerate(_WEBHOOKS.items()):
        rows.append(_PLACES[number % 3](f"link-{name}", source, template))
    rows += [url(f"url-of-{name}", *row) for name, row in _TARGETS.items()]
    return rows


CASES = _cases()
