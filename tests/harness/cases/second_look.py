"""A second set of placements, written later and without a look at the rules or the first set.

The rows imitate what services answer to clients today: payments, chat completions, storage, code
hosting, CRM, messaging, identity providers, devices, internal services.
"""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from .rows import (
    CSV,
    FORM,
    HTML,
    JSON,
    NDJSON,
    SSE,
    TEXT,
    TOML,
    XML,
    YAML,
    Case,
    answer_header,
    got,
    header,
    headers,
    link,
    note,
    sent,
    url,
    variable,
)

_ANSWERS: Mapping[str, tuple[str, str]] = {
    # Payments.
    "stripe-ephemeral": ("Stripe ephemeral keys", '{"id":"ephkey_1","object":"ephemeral_key","associated_objects":[{"id":"cus_7","type":"customer"}],"secret":"«/ek_test_[A-Za-z0-9]{60}/»","livemode":false}'),
    "stripe-webhook-endpoint": ("Stripe webhook endpoints", '{"id":"we_1","object":"webhook_endpoint","enabled_events":["charge.failed"],"secret":"«/whsec_[A-Za-z0-9]{32}/»","status":"enabled"}'),
    "stripe-setup-intent": ("Stripe setup intents", '{"id":"seti_1","client_secret":"«/seti_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}/»","usage":"off_session"}'),
    "adyen-session": ("Adyen sessions", '{"amount":{"currency":"EUR","value":1000},"id":"CS12","sessionData":"«/Ab02b4c0![A-Za-z0-9+/]{120}==/»","merchantAccount":"Shop"}'),
    "braintree-client-token": ("Braintree client tokens", '{"data":{"createClientToken":{"clientToken":"«b64:{"version":2,"authorizationFingerprint":"«/[A-Za-z0-9]{60}/»"}»"}}}'),
    "klarna-session": ("Klarna payments", '{"id":"0b1d9815","client_token":"«jwt»","payment_method_categories":[{"identifier":"klarna"}]}'),
    "mollie-connect": ("Mollie Connect", '{"access_token":"«/access_[A-Za-z0-9]{32}/»","expires_in":3600,"token_type":"bearer","scope":"payments.read"}'),
    "paypal-oauth": ("PayPal REST", '{"scope":"https://uri.paypal.example/services/invoicing","access_token":"«/A21AA[A-Za-z0-9_-]{92}/»","token_type":"Bearer","app_id":"APP-80W284485P519543T","expires_in":32400,"nonce":"2026-03-01T10:00:00Z"}'),
    "wise-webhook": ("Wise profiles", '{"id":1,"type":"business","apiToken":"«uuid»","currency":"EUR"}'),
    "gocardless-webhook": ("GoCardless webhooks", '{"webhooks":[{"id":"WB1","url":"https://shop.example/hook","secret":"«/[a-z0-9_-]{40}/»","is_test":false}]}'),
    "coinbase-exchange": ("Coinbase Exchange keys", '{"key":"«hex32»","passphrase":"«/[a-z0-9]{12}/»","secret":"«key64»","permissions":["view"]}'),
    # Chat completions and models.
    "chat-tool-arguments": ("tool calls of chat completions", '{"choices":[{"message":{"role":"assistant","tool_calls":[{"function":{"name":"login","arguments":"{\\"user\\":\\"ada\\",\\"password\\":\\"«plain»\\"}"}}]}}]}'),
    "chat-user-message": ("chat completions", '{"messages":[{"role":"user","content":"Here is my key: «/sk-proj-[A-Za-z0-9_-]{74}/». What is wrong?"}],"model":"gpt"}'),
    "model-gateway": ("LiteLLM virtual keys", '{"key":"«/sk-[A-Za-z0-9_-]{22}/»","key_alias":"team","expires":null,"spend":0.0}'),
    "vector-store": ("Weaviate Cloud", '{"id":"c7","hostname":"c7.weaviate.example","adminApiKey":"«/[A-Za-z0-9]{36}/»","readOnlyApiKey":"«/[A-Za-z0-9]{36}/»"}'),
    "realtime-session": ("Realtime sessions", '{"id":"sess_1","object":"realtime.session","client_secret":{"value":"«/ek_[a-f0-9]{32}/»","expires_at":1788220860}}'),
    "livekit": ("LiveKit sandbox", '{"serverUrl":"wss://x.livekit.example","roomName":"r","participantToken":"«jwt»","participantName":"ada"}'),
    # Clouds.
    "aws-assume-role": ("AWS STS, JSON", '{"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":{"AccessKeyId":"«aws session»","SecretAccessKey":"«aws secret»","SessionToken":"«/FwoGZXIvYXdzE[A-Za-z0-9+/]{220}/»","Expiration":1788220860}}}}'),
    "aws-cognito": ("Amazon Cognito", '{"AuthenticationResult":{"AccessToken":"«jwt»","ExpiresIn":3600,"IdToken":"«jwt»","RefreshToken":"«/eyJjdHkiOiJKV1Qi[A-Za-z0-9_-]{40}[.][A-Za-z0-9_-]{80}[.][A-Za-z0-9_-]{16}[.][A-Za-z0-9_-]{90}[.][A-Za-z0-9_-]{22}/»","TokenType":"Bearer"},"ChallengeParameters":{}}'),
    "aws-ecr": ("Amazon ECR", '{"authorizationData":[{"authorizationToken":"«b64:AWS:«/[A-Za-z0-9]{80}/»»","expiresAt":1788220860,"proxyEndpoint":"https://7.dkr.ecr.example"}]}'),
    "aws-rds-secret": ("a secret in Secrets Manager", '{"ARN":"arn:aws:secretsmanager:eu:7:secret:db","Name":"db","SecretString":"{\\"username\\":\\"admin\\",\\"password\\":\\"«plain»\\",\\"host\\":\\"db.example\\"}"}'),
    "aws-ssm": ("AWS parameter store", '{"Parameter":{"Name":"/prod/db/password","Type":"SecureString","Value":"«plain»","Version":3}}'),
    "azure-list-secrets": ("Azure Container Apps", '{"value":[{"name":"registry-password","value":"«/[A-Za-z0-9+/]{52}/»"}]}'),
    "azure-acr": ("Azure Container Registry", '{"username":"shop","passwords":[{"name":"password","value":"«/[A-Za-z0-9+/]{52}/»"},{"name":"password2","value":"«/[A-Za-z0-9+/]{52}/»"}]}'),
    "azure-publish": ("Azure publishing profiles", '{"name":"shop","properties":{"publishingUserName":"$shop","publishingPassword":"«/[A-Za-z0-9]{60}/»","scmUri":"https://$shop:«=1»@shop.scm.example"}}'),
    "azure-device": ("Azure IoT Hub", '{"deviceId":"d7","authentication":{"symmetricKey":{"primaryKey":"«key32»","secondaryKey":"«key32»"},"type":"sas"},"status":"enabled"}'),
    "gcp-service-key": ("Google service accounts", '{"type":"service_account","project_id":"shop","private_key_id":"6dcb09b5b57875f334f61aebed695e2e4193db5e","private_key":"«json:«pem»»","client_email":"ci@shop.iam.example","client_id":"117"}'),
    "gcp-access-token": ("Google metadata server", '{"access_token":"«/ya29.c.[A-Za-z0-9_-]{120}/»","expires_in":3599,"token_type":"Bearer"}'),
    "digitalocean-db": ("DigitalOcean databases", '{"database":{"id":"9c","connection":{"protocol":"postgresql","uri":"postgresql://doadmin:«plain»@db.example:25060/defaultdb","user":"doadmin","password":"«=1»","port":25060}}}'),
    "hetzner-server": ("Hetzner Cloud", '{"server":{"id":42,"name":"web"},"root_password":"«plain»","action":{"status":"running"}}'),
    "linode-kubeconfig": ("Linode Kubernetes", '{"kubeconfig":"«b64:apiVersion: v1\nkind: Config\nusers:\n- name: lke\n  user:\n    token: «jwt»\n»"}'),
    "netlify-env": ("Netlify environment", '[{"key":"STRIPE_API_KEY","scopes":["builds"],"values":[{"id":"1","value":"«secret40»","context":"all"}],"is_secret":true}]'),
    "vercel-env": ("Vercel environment", '{"envs":[{"type":"encrypted","key":"DATABASE_PASSWORD","value":"«plain»","target":["production"]}]}'),
    "heroku-config": ("Heroku config vars", '{"SECRET_KEY_BASE":"«/[a-f0-9]{128}/»","RACK_ENV":"production","LANG":"en_US.UTF-8"}'),
    "fly-secrets": ("Fly.io machines", '{"config":{"image":"shop","env":{"LOG_LEVEL":"info","SMTP_PASSWORD":"«plain»"}}}'),
    # Code hosting and CI.
    "github-installation": ("GitHub App installations", '{"token":"«/ghs_[A-Za-z0-9]{36}/»","expires_at":"2026-03-01T11:00:00Z","permissions":{"contents":"read"},"repository_selection":"all"}'),
    "github-runner": ("GitHub runners", '{"token":"«/A[A-Z0-9]{28}/»","expires_at":"2026-03-01T11:00:00Z"}'),
    "github-hook": ("GitHub webhooks", '{"type":"Repository","id":1,"name":"web","config":{"content_type":"json","url":"https://shop.example/hook","secret":"«hex40»","insecure_ssl":"0"}}'),
    "gitlab-variables": ("GitLab CI variables", '[{"variable_type":"env_var","key":"DEPLOY","value":"«secret40»","protected":true,"masked":true,"environment_scope":"*"}]'),
    "gitlab-runner": ("GitLab runners", '{"id":12,"token":"«/glrt-[A-Za-z0-9_-]{20}/»","token_expires_at":null}'),
    "azure-devops-vars": ("Azure DevOps variable groups", '{"variables":{"apiBase":{"value":"https://x.example"},"deploy":{"value":"«plain»","isSecret":true}}}'),
    "jenkins-crumb": ("Jenkins crumbs", '{"_class":"hudson.security.csrf.DefaultCrumbIssuer","crumb":"«hex64»","crumbRequestField":"Jenkins-Crumb"}'),
    "bitbucket-token": ("Bitbucket repository tokens", '{"name":"ci","token":"«/ATCTT3xFfGN0[A-Za-z0-9_-]{160}/»","scopes":["repository"]}'),
    "sonatype": ("Nexus user tokens", '{"nameCode":"ada","passCode":"«/[A-Za-z0-9]{32}/»"}'),
    # CRM, documents, messaging.
    "hubspot-refresh": ("HubSpot OAuth", '{"token_type":"bearer","refresh_token":"«uuid»","access_token":"«/CO[A-Za-z0-9_-]{80}/»","expires_in":1800}'),
    "salesforce-login": ("Salesforce OAuth", '{"access_token":"«/00D[A-Za-z0-9]{12}![A-Za-z0-9._]{96}/»","instance_url":"https://x.my.salesforce.example","id":"https://login.example/id/00D/005","token_type":"Bearer","signature":"2GF0tBbNFc6Ddq8cJCvKuX7j8O9yQZ3m1lWQvX0VbXk="}'),
    "zendesk-jwt": ("Zendesk messaging", '{"user":{"id":"7","jwt":"«jwt»"}}'),
    "slack-oauth": ("Slack OAuth v2", '{"ok":true,"access_token":"«/xoxb-[0-9]{12}-[0-9]{12}-[A-Za-z0-9]{24}/»","authed_user":{"id":"U1","access_token":"«/xoxp-[0-9]{12}-[0-9]{12}-[A-Za-z0-9]{24}/»"},"incoming_webhook":{"url":"https://hooks.slack.com/services/T1/B1/«/[A-Za-z0-9]{24}/»","channel":"#x"}}'),
    "slack-event": ("Slack events", '{"token":"«/[A-Za-z0-9]{24}/»","team_id":"T1","type":"event_callback","event":{"type":"message","text":"hi"}}'),
    "twilio-subaccount": ("Twilio accounts", '{"sid":"AC5ef8732a3c49700934481addd5ce1659","friendly_name":"sub","auth_token":"«hex32»","status":"active"}'),
    "telegram-webhook": ("Telegram bots", '{"ok":true,"result":{"url":"https://shop.example/bot«/[1-9][0-9]{9}:AA[A-Za-z0-9_-]{33}/»/hook","pending_update_count":0}}'),
    "discord-interaction": ("Discord interactions", '{"id":"1","application_id":"2","type":2,"token":"«/aW50ZXJhY3Rpb246[A-Za-z0-9]{120}/»","data":{"name":"ping"}}'),
    "whatsapp": ("WhatsApp registration", '{"messaging_product":"whatsapp","verify_token":"«/[a-z0-9]{24}/»","pin":"«pin6»"}'),
    "mailgun-smtp": ("Mailgun SMTP credentials", '{"message":"Created 1 credentials pair(s)","credentials":{"ada@shop.example":"«plain»"}}'),
    "zoom-meeting": ("Zoom meetings", '{"id":85746065,"topic":"Weekly","start_url":"https://zoom.example/s/85746065?zak=«jwt»","join_url":"https://zoom.example/j/85746065?pwd=«/[A-Za-z0-9]{32}/»","password":"«/[A-Za-z0-9]{6}/»","h323_password":"«pin6»"}'),
    # Identity providers.
    "auth0-client": ("Auth0 clients", '{"name":"My App","client_id":"AaiyAPdpYdesoKnqjj8HJqRn4T5titww","client_secret":"«url43»","app_type":"spa"}'),
    "okta-session": ("Okta sessions", '{"id":"101W_juydrDRByB7fUdRyE2JQ","sessionToken":"«/20111[A-Za-z0-9_-]{36}/»","status":"SUCCESS","expiresAt":"2026-03-01T10:05:00.000Z"}'),
    "okta-mfa": ("Okta factors", '{"id":"uft7","factorType":"token:software:totp","_embedded":{"activation":{"timeStep":30,"sharedSecret":"«base32»","encoding":"base32","keyLength":16}}}'),
    "keycloak-client": ("Keycloak admin API", '[{"id":"7","clientId":"shop","secret":"«/[A-Za-z0-9]{32}/»","publicClient":false,"redirectUris":["*"]}]'),
    "keycloak-user": ("Keycloak users", '{"username":"ada","enabled":true,"credentials":[{"type":"password","value":"«plain»","temporary":false}]}'),
    "entra-password": ("Microsoft Entra applications", '{"customKeyIdentifier":null,"endDateTime":"2026-09-01T00:00:00Z","keyId":"7","secretText":"«entra»","hint":"3Vg","displayName":"ci"}'),
    "magic-link": ("Stytch magic links", '{"request_id":"r1","user_id":"u1","method_id":"email-1","session_token":"«url43»","session_jwt":"«jwt»"}'),
    "oidc-registration": ("RFC 7591", '{"client_id":"s6BhdRkqt3","client_secret":"«/[a-f0-9]{62}/»","registration_access_token":"«/[a-z0-9.]{30}[A-Z0-9]{10}/»","client_secret_expires_at":1788220860}'),
    "recovery-kit": ("two-factor set-up", '{"enabled":true,"recoveryCodes":["«/[a-f0-9]{5}-[a-f0-9]{5}/»","«/[a-f0-9]{5}-[a-f0-9]{5}/»"],"remaining":2}'),
    "firebase-signin": ("Firebase Auth", '{"kind":"identitytoolkit#VerifyPasswordResponse","localId":"Zx","email":"ada@shop.example","idToken":"«jwt»","registered":true,"refreshToken":"«/AMf-vB[A-Za-z0-9_-]{180}/»","expiresIn":"3600"}'),
    "ldap-bind": ("directory settings", '{"ldap":{"host":"ldap.example","bindDN":"cn=admin","bindCredentials":"«plain»","searchBase":"dc=shop"}}'),
    # Devices.
    "wifi-provision": ("device provisioning", '{"ssid":"home","psk":"«plain»","security":"wpa2"}'),
    "mqtt-broker": ("MQTT brokers", '{"mqtt":{"host":"broker.example","port":8883,"username":"dev7","password":"«plain»","keepalive":60}}'),
    "lora-keys": ("LoRaWAN devices", '{"device":{"devEUI":"0102030405060708","appKey":"«hex32»","nwkKey":"«hex32»"}}'),
    "homekit": ("smart home bridges", '[{"success":{"username":"«/[A-Za-z0-9-]{40}/»","clientkey":"«HEX32»"}}]'.replace("«HEX32»", "«/[A-F0-9]{32}/»")),
    "vpn-peer": ("VPN services", '{"interface":{"address":"10.7.0.2/32","privateKey":"«key32»"},"peer":{"publicKey":"6IGnDZu1b3zR3yHhQzUeBnFGP0K3b0NGgyPW0l5qC1Y=","presharedKey":"«key32»"}}'),
    # Internal services.
    "service-config": ("configuration services", '{"name":"shop","propertySources":[{"name":"prod","source":{"spring.datasource.password":"«plain»","server.port":8080}}]}'),
    "actuator-env": ("Spring actuator", '{"propertySources":[{"name":"systemEnvironment","properties":{"DB_PASSWORD":{"value":"«plain»","origin":"System Environment"}}}]}'),
    "consul-kv": ("Consul KV", '[{"LockIndex":0,"Key":"shop/db_password","Flags":0,"Value":"«b64:«plain»»"}]'),
    "nomad-token": ("Nomad ACL", '{"AccessorID":"b780e702","SecretID":"«uuid»","Name":"ops","Type":"management"}'),
    "grafana-datasource": ("Grafana data sources", '{"name":"pg","type":"postgres","secureJsonData":{"password":"«plain»"},"jsonData":{"sslmode":"disable"}}'),
    "airflow-connection": ("Airflow connections", '{"connection_id":"db","conn_type":"postgres","host":"db","login":"app","password":"«plain»","extra":"{\\"aws_secret_access_key\\": \\"«aws secret»\\"}"}'),
    "kafka-connect": ("Kafka Connect", '{"name":"sink","config":{"connector.class":"Jdbc","connection.url":"jdbc:postgresql://db/shop","connection.password":"«plain»","tasks.max":"1"}}'),
    "minio-user": ("MinIO service accounts", '{"status":"success","accessKey":"«/[A-Z0-9]{20}/»","secretKey":"«secret40»","expiration":"1970-01-01T00:00:00Z"}'),
    "feature-flags": ("flag servers", '{"environments":[{"name":"prod","apiKey":"«/sdk-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}/»","mobileKey":"«/mob-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}/»"}]}'),
    "queue-message": ("SQS messages", '{"Messages":[{"MessageId":"1","ReceiptHandle":"AQEB","Body":"{\\"event\\":\\"login\\",\\"headers\\":{\\"x-api-key\\":\\"«secret40»\\"}}"}]}'),
    "error-echo": ("validation errors", '{"error":{"code":"invalid_request","message":"Unknown field","input":{"username":"ada","password":"«plain»"}}}'),
    "error-echo-text": ("validation errors", '{"detail":"Invalid API key provided: «/sk-[A-Za-z0-9]{48}/». You can find your API key in the dashboard."}'),
    "graphql-echo": ("GraphQL errors", '{"errors":[{"message":"Variable \\"$input\\" got invalid value { email: \\"a@b\\", password: \\"«plain»\\" }; field missing"}]}'),
    "audit-log": ("audit logs", '{"entries":[{"actor":"ada","action":"user.update","changes":[{"field":"api_token","old":"«secret40»","new":"«secret40»"}]}]}'),
    "next-page": ("pagination with signed links", '{"items":[],"links":{"next":"https://api.example/v1/items?page=2&access_token=«secret40»"}}'),
    "job-command": ("job runners", '{"job":{"id":7,"command":["pg_dump","--dbname","postgres://app:«plain»@db/shop"],"status":"done"}}'),
    "job-args": ("job runners", '{"container":{"args":["--api-key","«secret40»","--verbose"]}}'),
    "login-form-state": ("saved form state", '{"fields":[{"id":"email","value":"a@b.example"},{"id":"password","value":"«plain»"}]}'),
    "postman-collection": ("Postman collections", '{"item":[{"request":{"auth":{"type":"bearer","bearer":[{"key":"token","value":"«secret40»","type":"string"}]}}}]}'),
    "openapi-example": ("callback registrations", '{"callbackUrl":"https://ops:«plain»@hooks.example/in","events":["done"]}'),
}

_OTHERS: Mapping[str, tuple[str, str, str]] = {
    "saml-metadata": ("identity provider settings", XML, "<settings><idp entityId='x'/><sp><clientSecret>«secret40»</clientSecret></sp></settings>"),
    "s3-sts": ("AWS STS, XML", XML, "<AssumeRoleResult><Credentials><SessionToken>«/FwoGZXIvYXdzE[A-Za-z0-9+/]{220}/»</SessionToken><SecretAccessKey>«aws secret»</SecretAccessKey><Expiration>2026-03-01T11:00:00Z</Expiration></Credentials></AssumeRoleResult>"),
    "ws-security": ("WS-Security", XML, '<wsse:UsernameToken><wsse:Username>ada</wsse:Username><wsse:Password Type="PasswordText">«plain»</wsse:Password><wsu:Created>2026-03-01T10:00:00Z</wsu:Created></wsse:UsernameToken>'),
    "jdbc-pool": ("connection pools", XML, '<Resource name="jdbc/shop" username="app" password="«plain»" url="jdbc:mysql://db/shop" maxTotal="20"/>'),
    "soap-fault": ("SOAP faults", XML, "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>bad</faultstring><detail><apiKey>«secret40»</apiKey></detail></soap:Fault>"),
    "page-state": ("pages with state", HTML, '<html><script>window.__STATE__={"user":{"id":7,"csrfToken":"«url43»"},"theme":"dark"};</script><p>Hello</p></html>'),
    "page-next-data": ("Next.js pages", HTML, '<script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"session":{"accessToken":"«jwt»","user":"ada"}}}}</script>'),
    "page-meta": ("Rails pages", HTML, '<head><meta name="csrf-param" content="authenticity_token" /><meta name="csrf-token" content="«/[A-Za-z0-9_-]{86}/»" /></head>'),
    "page-hidden": ("ASP.NET pages", HTML, '<form method="post"><input type="hidden" name="__RequestVerificationToken" value="«/CfDJ8[A-Za-z0-9_-]{120}/»"><input name="email" value=""></form>'),
    "page-data-attr": ("payment forms", HTML, '<div id="checkout" data-client-secret="«/pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}/»" data-locale="en"></div>'),
    "page-dashboard": ("developer dashboards", HTML, '<tr><th scope="row">API token</th><td><code>«hex40»</code></td><td>never used</td></tr>'),
    "sse-chat": ("streams of chat completions", SSE, 'data: {"id":"1","delta":{"content":"Use "}}\n\ndata: {"id":"1","delta":{"content":"the key «/sk-proj-[A-Za-z0-9_-]{74}/» now"}}\n\ndata: [DONE]\n\n'),
    "sse-event": ("server-sent events", SSE, 'event: token\nid: 7\ndata: {"access_token":"«secret40»","expires_in":60}\n\n'),
    "ndjson-docker": ("Docker logs", NDJSON, '{"log":"starting with API_KEY=«secret40»\\n","stream":"stdout","time":"2026-03-01T10:00:00Z"}\n{"log":"ready\\n","stream":"stdout","time":"2026-03-01T10:00:01Z"}\n'),
    "log-gin": ("request logs", TEXT, '[GIN] 2026/03/01 - 10:00:00 | 200 |     1.2ms |   10.0.0.1 | GET      "/v1/me?api_key=«secret40»"\n'),
    "log-envoy": ("proxy logs", TEXT, '[2026-03-01T10:00:00.000Z] "GET /in HTTP/2" 200 - "authorization: Bearer «url43»" "10.0.0.1"\n'),
    "log-java": ("Java logs", TEXT, '2026-03-01 10:00:00.000 DEBUG [http-nio-8080-exec-1] c.e.Client : Request headers: [Authorization:"Bearer «secret40»", Accept:"*/*"]\n'),
    "log-node": ("Node logs", TEXT, "{ host: 'db.example', user: 'app', password: '«plain»', port: 5432 }\n"),
    "log-rust": ("Rust logs", TEXT, "2026-03-01T10:00:00Z DEBUG client: connecting url=redis://default:«plain»@cache.example:6379/0 attempt=1\n"),
    "log-php": ("PHP errors", TEXT, "PHP Warning: mysqli_connect('db', 'app', password: '«plain»') failed in /srv/app.php on line 3\n"),
    "env-file": ("docker compose", TEXT, "# production\nPOSTGRES_USER=app\nPOSTGRES_PASSWORD=«plain»\nJWT_SIGNING_KEY=«secret40»\nDEBUG=false\n"),
    "ini-mail": ("mail settings", TEXT, "[smtp]\nserver = mail.example\nport = 587\nlogin = ada\nsmtp_password = «plain»\ntls = yes\n"),
    "toml-cargo": ("Cargo registries", TOML, '[registries.shop]\nindex = "sparse+https://x.example/"\ntoken = "Bearer «secret40»"\n'),
    "toml-dbt": ("data tools", TOML, "[prod]\naccount = 'x7'\nuser = 'ada'\nprivate_key_passphrase = '«plain»'\nrole = 'loader'\n"),
    "yaml-actions": ("workflow files", YAML, "jobs:\n  build:\n    env:\n      SENTRY_AUTH_TOKEN: «/sntryu_[a-f0-9]{64}/»\n      MODE: fast\n"),
    "yaml-traefik": ("Traefik middlewares", YAML, "http:\n  middlewares:\n    auth:\n      basicAuth:\n        users:\n          - \"ada:«/$apr1$[A-Za-z0-9./]{8}$[A-Za-z0-9./]{22}/»\"\n"),
    "yaml-alertmanager": ("Alertmanager", YAML, "receivers:\n- name: ops\n  slack_configs:\n  - api_url: https://hooks.slack.com/services/T1/B1/«/[A-Za-z0-9]{24}/»\n    channel: '#ops'\n"),
    "yaml-home": ("home automation", YAML, "mqtt:\n  broker: 10.0.0.2\n  username: ha\n  password: !secret_value «plain»\n".replace("!secret_value ", "")),
    "csv-users": ("exports of users", CSV, "id,email,api_key,created\n7,ada@shop.example,«secret40»,2026-03-01\n8,bob@shop.example,«secret40»,2026-03-02\n"),
    "csv-quoted": ("exports of passwords", CSV, '"url","username","password","totp"\n"https://x.example","ada","«pw»",""\n'),
    "terraform-output": ("terraform output", TEXT, 'db_host = "db.example"\ndb_password = "«plain»"\nregion = "eu"\n'),
    "jwks-private": ("key servers", JSON, '{"keys":[{"kty":"RSA","n":"sXch","e":"AQAB","d":"«/[A-Za-z0-9_-]{86}/»","p":"«/[A-Za-z0-9_-]{43}/»","kid":"1"}]}'),
    "gzip-like-note": ("support tickets", JSON, '{"ticket":{"description":"Login fails. user: ada password: «plain»\\nPlease help"}}'),
    "sms-code": ("SMS gateways", JSON, '{"to":"+15005550006","body":"«pin6» is your Shop verification code."}'),
    "mail-code": ("mail services", JSON, '{"subject":"Sign in","text":"Your verification code is «pin6». It expires in 10 minutes."}'),
    "mail-reset": ("mail services", JSON, '{"subject":"Reset","html":"<a href=\\"https://shop.example/reset-password?token=«url43»\\">Reset</a>"}'),
    "mail-link-path": ("mail services", JSON, '{"text":"Open https://shop.example/users/confirm/«url43» to confirm."}'),
}

_SENT: Mapping[str, tuple[str, str, str]] = {
    "login": ("log-in requests", JSON, '{"email":"ada@shop.example","password":"«pw»","remember":true}'),
    "change": ("password changes", JSON, '{"currentPassword":"«pw»","newPassword":"«pw»"}'),
    "totp": ("two-factor log-in", JSON, '{"username":"ada","totpCode":"«pin6»"}'),
    "oauth-password": ("RFC 6749", FORM, "grant_type=password&username=ada&password=«pct:«pw»»&scope=read"),
    "oauth-client": ("RFC 6749", FORM, "grant_type=client_credentials&client_id=shop&client_secret=«secret40»"),
    "oauth-revoke": ("RFC 7009", FORM, "token=«url43»&token_type_hint=refresh_token"),
    "graphql-login": ("GraphQL", JSON, '{"query":"mutation($i:LoginInput!){login(input:$i){id}}","variables":{"i":{"email":"a@b.example","password":"«pw»"}}}'),
    "graphql-inline": ("GraphQL", JSON, '{"query":"mutation{login(email:\\"a@b.example\\",password:\\"«plain»\\"){id}}"}'),
    "secret-put": ("secret stores", JSON, '{"data":{"password":"«plain»"},"options":{"cas":1}}'),
    "github-secret": ("Actions secrets", JSON, '{"encrypted_value":"c2VjcmV0","key_id":"7","token":"«secret40»"}'),
    "card": ("payment tokens", FORM, "card[number]=«card»&card[exp_month]=12&card[exp_year]=2030&card[cvc]=«/[1-9][0-9]{2}/»"),
    "xml-login": ("SOAP log-in", XML, "<login><user>ada</user><password>«plain»</password></login>"),
    "yaml-values": ("Helm releases", YAML, "postgresql:\n  auth:\n    username: app\n    password: «plain»\n"),
    "webhook": ("webhook registration", JSON, '{"url":"https://hooks.example/in?token=«url43»","active":true}'),
}

_HEADERS: Mapping[str, tuple[str, str, str]] = {
    "openai-org": ("model gateways", "Authorization", "Bearer «/sk-svcacct-[A-Za-z0-9_-]{100}/»"),
    "azure-openai": ("Azure OpenAI", "api-key", "«hex32»"),
    "gitlab-job": ("GitLab jobs", "JOB-TOKEN", "«/glcbt-[A-Za-z0-9_]{20}/»"),
    "datadog": ("Datadog", "DD-API-KEY", "«hex32»"),
    "notion-like": ("internal gateways", "X-Gateway-Token", "«secret40»"),
    "hmac": ("signed webhooks", "X-Webhook-Signature", "sha256=«hex64»"),
    "algolia": ("Algolia", "X-Algolia-API-Key", "«hex32»"),
    "appwrite": ("Appwrite", "X-Appwrite-Key", "«/standard_[a-f0-9]{120}/»"),
    "elastic": ("Elasticsearch", "Authorization", "ApiKey «b64:«/[A-Za-z0-9_-]{20}:[A-Za-z0-9_-]{22}/»»"),
    "session": ("web sessions", "Cookie", "lang=en; connect.sid=s%3A«/[A-Za-z0-9_-]{32}/»; theme=dark"),
    "sentry": ("Sentry", "X-Sentry-Auth", "Sentry sentry_version=7, sentry_key=b1a2, sentry_secret=«hex32»"),
    "service-mesh": ("service meshes", "X-Internal-Auth", "«jwt»"),
}

_URLS: Mapping[str, tuple[str, str]] = {
    "maps": ("map tiles", "/v1/tiles/3/4/5.png?access_token=«/pk.eyJ[A-Za-z0-9]{60}/»&s=2".replace("pk.eyJ", "sk.eyJ1") .replace("{60}/", "{60}.[A-Za-z0-9_-]{22}/")),
    "weather": ("weather services", "/v4/forecast?location=1,2&apikey=«/[A-Za-z0-9]{32}/»"),
    "sheets": ("spreadsheets", "/v4/spreadsheets/7/values/A1?key=«/AIza[A-Za-z0-9_-]{35}/»"),
    "callback": ("OAuth callbacks", "/callback?code=«url43»&state=«/[A-Za-z0-9]{24}/»"),
    "sas": ("storage signatures", "/c/blob?sv=2025-01-05&sp=r&sig=«pct:«key32»»&se=2026-03-01"),
    "calendar": ("calendar feeds", "/calendar/feed.ics?token=«hex40»"),
    "invite": ("invitations", "/teams/invite/«url43»"),
    "unlock": ("device APIs", "/device/unlock?pin=«pin6»"),
    "jenkins": ("remote triggers", "/job/x/build?token=«secret40»"),
}

_VARIABLES: Mapping[str, tuple[str, str]] = {
    "SHOP_API_TOKEN": ("own settings", "«secret40»"),
    "SHOP_BROKER_URL": ("Celery", "amqp://app:«plain»@mq.example:5672/vhost"),
    "SHOP_MONGODB_URI": ("MongoDB", "mongodb+srv://app:«plain»@cluster.example/shop?retryWrites=true"),
    "SHOP_SMTP_URL": ("mail settings", "smtp://ada:«plain»@mail.example:587"),
    "SHOP_OPENAI_API_KEY": ("model clients", "«/sk-proj-[A-Za-z0-9_-]{74}/»"),
    "SHOP_BIND_PASSWORD": ("directories", "«plain»"),
    "SHOP_FIELD_ENCRYPTION_KEY": ("web frameworks", "«hex64»"),
    "SHOP_SERVICEBUS_CONNECTION": ("Azure Service Bus", "Endpoint=sb://x.example/;SharedAccessKeyName=k;SharedAccessKey=«key32»"),
}


def _cases() -> list[Case]:
    rows = [got(f"second-{name}", source, JSON, text) for name, (source, text) in _ANSWERS.items()]
    rows += [got(f"second-{name}", source, media, text) for name, (source, media, text) in _OTHERS.items()]
    rows += [sent(f"second-sent-{name}", source, media, text) for name, (source, media, text) in _SENT.items()]
    rows += [header(f"second-header-{name}", source, field, text) for name, (source, field, text) in _HEADERS.items()]
    rows += [url(f"second-url-{name}", source, text) for name, (source, text) in _URLS.items()]
    rows += [
        variable(f"second-variable-{name.lower()}", source, name, text)
        for name, (source, text) in _VARIABLES.items()
    ]
    rows.append(answer_header("second-set-cookie", "web sessions", "Set-Cookie", "__Host-session=«/[A-Za-z0-9_-]{64}/»; Path=/; Secure; HttpOnly; SameSite=Lax"))
    rows.append(answer_header("second-location", "OAuth redirects", "Location", "https://app.example/cb#access_token=«jwt»&token_type=bearer"))
    rows.append(headers("second-two-keys", "Coinbase Prime", ("X-CB-ACCESS-KEY", "«/[A-Za-z0-9_-]{22}/»"), ("X-CB-ACCESS-PASSPHRASE", "«/[a-z0-9]{11}/»")))
    rows.append(link("second-link-storage", "object stores", "https://s.example/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=«aws»%2F20260301%2Feu%2Fs3%2Faws4_request&X-Amz-Signature=«hex64»"))
    rows.append(note("second-note-snippet", "code in comments", "client = Client(api_key='«secret40»', timeout=3)"))
    rows.append(note("second-note-curl", "bug reports", "curl -H 'Authorization: Bearer «secret40»' https://api.example/v1/me"))
    rows.append(note("second-note-env", "bug reports", "export SHOP_SECRET=«secret40»\n./run.sh"))
    return rows


CASES = _cases()
