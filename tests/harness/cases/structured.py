"""Secrets in structured bodies: JSON documents, XML dialects, pages, forms, streams and binaries."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from . import archives
from .rows import BINARY, FORM, HTML, JSON, NDJSON, SSE, TEXT, XML, Case, Pack, got, sent

_JSON: Mapping[str, tuple[str, str]] = {
    "oauth-token": ("RFC 6749", '{"access_token":"«url43»","token_type":"Bearer","expires_in":3600,"refresh_token":"«url43»","scope":"read"}'),
    "oidc-token": ("OpenID Connect", '{"id_token":"«jwt»","token_type":"Bearer","expires_in":3600}'),
    "device": ("RFC 8628", '{"device_code":"«url43»","user_code":"WDJB-MJHT","verification_uri":"https://id.example/device","interval":5}'),
    "client-registration": ("RFC 7591", '{"client_id":"s6Bh","client_secret":"«url43»","registration_access_token":"«url43»","client_secret_expires_at":0}'),
    "gnap": ("RFC 9635", '{"continue":{"access_token":{"value":"«url43»"},"uri":"https://id.example/c"}}'),
    "aws-sts": ("AWS STS as JSON", '{"Credentials":{"AccessKeyId":"«aws session»","SecretAccessKey":"«aws secret»","SessionToken":"«/IQoJb3[A-Za-z0-9+/]{300}/»","Expiration":"2026-03-01T12:00:00Z"}}'),
    "aws-imds": ("EC2 instance metadata", '{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"«aws session»","SecretAccessKey":"«aws secret»","Token":"«/IQoJb3[A-Za-z0-9+/]{200}/»"}'),
    "aws-secrets-manager": ("AWS Secrets Manager", '{"ARN":"arn:aws:secretsmanager:eu:1:secret:db","Name":"db","SecretString":"{\\"username\\":\\"app\\",\\"password\\":\\"«plain»\\"}","VersionId":"v1"}'),
    "aws-secret-binary": ("AWS Secrets Manager", '{"Name":"db","SecretBinary":"«key32»","VersionStages":["AWSCURRENT"]}'),
    "aws-ssm": ("AWS Parameter Store", '{"Parameter":{"Name":"/shop/db/password","Type":"SecureString","Value":"«plain»","Version":3}}'),
    "aws-ecr": ("Amazon ECR", '{"authorizationData":[{"authorizationToken":"«b64:AWS:«/[A-Za-z0-9+/]{200}/»»","proxyEndpoint":"https://1.dkr.example"}]}'),
    "aws-kms": ("AWS KMS", '{"CiphertextBlob":"AQID","KeyId":"arn:aws:kms:eu:1:key/7","Plaintext":"«key32»"}'),
    "aws-cognito": ("Amazon Cognito", '{"AuthenticationResult":{"AccessToken":"«jwt»","IdToken":"«jwt»","RefreshToken":"«/eyJjdHkiOiJKV1Qi.[A-Za-z0-9_-]{80}/»","TokenType":"Bearer"}}'),
    "aws-iam-key": ("AWS IAM", '{"AccessKey":{"UserName":"ada","AccessKeyId":"«aws»","SecretAccessKey":"«aws secret»","Status":"Active"}}'),
    "aws-lambda-env": ("AWS Lambda", '{"Environment":{"Variables":{"MODE":"x","STRIPE_KEY":"«stripe-live»","DB_PASS":"«plain»"}}}'),
    "gcp-service-account": ("Google service account key", '{"type":"service_account","project_id":"shop","private_key_id":"0f1e2d3c","private_key":"«json:«der pem»»","client_email":"ci@shop.example"}'),
    "gcp-secret": ("Google Secret Manager", '{"name":"projects/7/secrets/db/versions/1","payload":{"data":"«b64:«plain»»","dataCrc32c":"123"}}'),
    "gcp-key-create": ("Google IAM", '{"name":"projects/shop/serviceAccounts/ci/keys/7","privateKeyData":"«b64:{"type":"service_account","private_key":"«key64»"}»","keyAlgorithm":"KEY_ALG_RSA_2048"}'),
    "gcp-hmac": ("Google Cloud Storage HMAC", '{"kind":"storage#hmacKey","metadata":{"accessId":"GOOG1EXAMPLE"},"secret":"«/[A-Za-z0-9+/]{40}/»"}'),
    "azure-keyvault": ("Azure Key Vault", '{"value":"«pw»","id":"https://v.vault.azure.example/secrets/db/7","attributes":{"enabled":true}}'),
    "azure-storage-keys": ("Azure Storage listKeys", '{"keys":[{"keyName":"key1","value":"«key64»","permissions":"FULL"},{"keyName":"key2","value":"«key64»","permissions":"FULL"}]}'),
    "azure-cognitive": ("Azure AI listKeys", '{"key1":"«hex32»","key2":"«hex32»"}'),
    "azure-cosmos": ("Azure Cosmos DB listKeys", '{"primaryMasterKey":"«key64»","secondaryReadonlyMasterKey":"«key64»"}'),
    "azure-servicebus": ("Azure Service Bus", '{"primaryConnectionString":"Endpoint=sb://s.example/;SharedAccessKeyName=k;SharedAccessKey=«key32»","keyName":"k"}'),
    "azure-acr": ("Azure Container Registry", '{"username":"shop","passwords":[{"name":"password","value":"«plain»"},{"name":"password2","value":"«plain»"}]}'),
    "azure-entra-password": ("Microsoft Graph addPassword", '{"displayName":"ci","hint":"abc","keyId":"7","secretText":"«entra»"}'),
    "azure-publish": ("Azure App Service", '{"properties":{"publishingUserName":"$shop","publishingPassword":"«/[A-Za-z0-9]{60}/»","scmUri":"https://$shop:«=1»@shop.scm.example"}}'),
    "oci-auth-token": ("Oracle Cloud", '{"token":"«/[A-Za-z0-9]{20}/»","userId":"ocid1.user","description":"ci"}'),
    "vault-kv": ("Vault KV 2", '{"data":{"data":{"user":"app","pass":"«plain»"},"metadata":{"version":3}}}'),
    "vault-login": ("Vault login", '{"auth":{"client_token":"«/hvs.[A-Za-z0-9_-]{95}/»","accessor":"accessor-7","policies":["default"],"lease_duration":3600}}'),
    "vault-unseal": ("Vault initialisation", '{"keys":["«/[a-f0-9]{66}/»"],"keys_base64":["«key32»"],"root_token":"«/hvs.[A-Za-z0-9_-]{24}/»"}'),
    "vault-approle": ("Vault AppRole", '{"role_id":"«uuid»","secret_id":"«uuid»"}'),
    "kubernetes-token": ("Kubernetes TokenRequest", '{"kind":"TokenRequest","status":{"token":"«jwt»","expirationTimestamp":"2026-03-01T12:00:00Z"}}'),
    "kubernetes-docker": ("Kubernetes image pull Secret", '{"kind":"Secret","type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"«b64:{"auths":{"r.example":{"auth":"«b64:ada:«plain»»"}}}»"}}'),
    "docker-config": ("Docker config.json", '{"auths":{"https://index.docker.io/v1/":{"auth":"«b64:ada:«plain»»","email":"ada@shop.example"}}}'),
    "docker-identity": ("Docker config.json", '{"auths":{"r.example":{"identitytoken":"«url43»"}},"HttpHeaders":{"User-Agent":"Docker"}}'),
    "docker-inspect": ("docker inspect", '[{"Config":{"Env":["PATH=/bin","POSTGRES_PASSWORD=«plain»","TZ=UTC"],"Cmd":["serve","--token","«secret40»"]}}]'),
    "composer-auth": ("Composer auth.json", '{"github-oauth":{"github.com":"«github»"},"http-basic":{"p.example":{"username":"a","password":"«plain»"}}}'),
    "npm-token": ("npm registry", '{"token":"«npm»","key":"0f1e2d3c","readonly":false,"created":"2026-03-01"}'),
    "terraform-state": ("Terraform state", '{"version":4,"outputs":{"db":{"value":"«plain»","type":"string","sensitive":true}},"resources":[{"type":"random_password","instances":[{"attributes":{"length":16,"result":"«plain»"}}]}]}'),
    "vcap": ("Cloud Foundry VCAP_SERVICES", '{"p.mysql":[{"name":"db","credentials":{"hostname":"h","password":"«plain»","uri":"mysql://u:«=1»@h:3306/d"}}]}'),
    "heroku-config": ("Heroku config vars", '{"DATABASE_URL":"postgres://u:«plain»@h:5432/d","SECRET_KEY_BASE":"«/[a-f0-9]{128}/»","RACK_ENV":"production"}'),
    "github-installation": ("GitHub Apps", '{"token":"«github-server»","expires_at":"2026-03-01T12:00:00Z","permissions":{"contents":"read"}}'),
    "github-app-manifest": ("GitHub App manifest conversion", '{"id":7,"client_secret":"«hex40»","webhook_secret":"«hex40»","pem":"«json:«rsa pem»»"}'),
    "github-webhook-config": ("GitHub webhooks", '{"id":7,"config":{"url":"https://ci.example/hook","content_type":"json","secret":"«»"}}'),
    "gitlab-runner": ("GitLab runners", '{"id":7,"token":"«/glrt-[A-Za-z0-9_-]{20}/»","token_expires_at":null}'),
    "gitlab-variable": ("GitLab CI variables", '[{"variable_type":"env_var","key":"DEPLOY_PW","value":"«plain»","protected":true,"masked":true}]'),
    "actions-registration": ("GitHub runners", '{"token":"«/A[A-Z0-9]{28}/»","expires_at":"2026-03-01T12:00:00Z"}'),
    "stripe-intent": ("Stripe payment intents", '{"id":"pi_7","object":"payment_intent","client_secret":"«/pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}/»","amount":1099}'),
    "stripe-webhook": ("Stripe webhook endpoints", '{"id":"we_7","object":"webhook_endpoint","secret":"«webhook-secret»","url":"https://shop.example/hook"}'),
    "stripe-card": ("Stripe test cards", '{"card":{"number":"«card»","exp_month":8,"exp_year":2030,"cvc":"«/[1-8][0-9]{2}/»"}}'),
    "adyen-card": ("Adyen raw cards", '{"paymentMethod":{"type":"scheme","number":"«card»","cvc":"«/[1-8][0-9]{2}/»","holderName":"Ada"}}'),
    "plaid": ("Plaid token exchange", '{"access_token":"«/access-sandbox-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}/»","item_id":"i7","request_id":"r7"}'),
    "plaid-request": ("Plaid requests", '{"client_id":"c7","secret":"«/[a-f0-9]{30}/»","public_token":"public-sandbox-7"}'),
    "paypal": ("PayPal", '{"scope":"x","access_token":"«/A21AA[A-Za-z0-9_-]{90}/»","app_id":"APP-7","nonce":"2026-03-01T10:00:00Zabc"}'),
    "braintree-client": ("Braintree client tokens", '{"clientToken":"«b64:{"authorizationFingerprint":"«jwt»","version":2}»"}'),
    "openai-realtime": ("OpenAI Realtime", '{"object":"realtime.session","client_secret":{"value":"«/ek_[a-f0-9]{32}/»","expires_at":1788220800},"model":"gpt-realtime"}'),
    "openai-admin-key": ("OpenAI admin keys", '{"object":"organization.admin_api_key","id":"key_7","value":"«/sk-admin-[A-Za-z0-9_-]{58}T3BlbkFJ[A-Za-z0-9_-]{58}/»","redacted_value":"sk-admin...xyz"}'),
    "mcp-tool": ("Model Context Protocol", '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"export GITHUB_TOKEN=«github»"}]}}'),
    "mcp-config": ("MCP server configuration", '{"mcpServers":{"gh":{"command":"npx","args":["-y","x"],"env":{"GITHUB_PERSONAL_ACCESS_TOKEN":"«github»"}}}}'),
    "chat-tool-call": ("OpenAI tool calls", '{"choices":[{"message":{"tool_calls":[{"function":{"name":"login","arguments":"{\\"user\\":\\"ada\\",\\"password\\":\\"«plain»\\"}"}}]}}]}'),
    "chat-prompt": ("chat completions", '{"model":"x","messages":[{"role":"user","content":"my password is «plain» and it fails"}]}'),
    "twilio-key": ("Twilio API keys", '{"sid":"«twilio»","friendly_name":"ci","secret":"«/[A-Za-z0-9]{32}/»"}'),
    "twilio-account": ("Twilio accounts", '{"sid":"AC0f","auth_token":"«hex32»","status":"active"}'),
    "firebase-signin": ("Firebase Auth", '{"idToken":"«jwt»","refreshToken":"«/AMf-vB[A-Za-z0-9_-]{150}/»","expiresIn":"3600","localId":"u7"}'),
    "firebase-mfa": ("Firebase Auth", '{"mfaPendingCredential":"«url43»","mfaInfo":[{"phoneInfo":"+49*******7"}]}'),
    "supabase-session": ("Supabase Auth", '{"access_token":"«jwt»","refresh_token":"«/[a-z0-9]{12}/»","provider_token":"«/ya29.[A-Za-z0-9_-]{120}/»","user":{"id":"u7"}}'),
    "auth0-mfa": ("Auth0", '{"error":"mfa_required","mfa_token":"«/Fe26.2*[A-Za-z0-9_-]{90}/»","error_description":"Multifactor authentication required"}'),
    "auth0-otp": ("Auth0 MFA", '{"authenticator_type":"otp","secret":"«base32»","barcode_uri":"otpauth://totp/Shop:ada?secret=«=1»&issuer=Shop","recovery_codes":["«/[A-Z0-9]{24}/»"]}'),
    "okta-session": ("Okta authn", '{"status":"SUCCESS","sessionToken":"«/2011[A-Za-z0-9_-]{55}/»","stateToken":"«/00[A-Za-z0-9_-]{40}/»"}'),
    "keycloak-client": ("Keycloak", '{"type":"secret","value":"«/[A-Za-z0-9]{32}/»"}'),
    "keycloak-credentials": ("Keycloak", '{"credentials":[{"type":"password","value":"«plain»","temporary":false}]}'),
    "mfa-code": ("MFA requests", '{"user":"ada","mfa_code":"«pin6»"}'),
    "totp-code": ("GitHub-like TOTP", '{"login":"ada","otp_code":"«pin6»","totp":"«pin6»"}'),
    "pin-string": ("card issuing APIs", '{"cardId":"c7","pin":"«pin4»","confirmPin":"«=1»"}'),
    "pin-number": ("card issuing APIs", '{"cardId":"c7","pin":«pin6»}'),
    "sms-code": ("SMS verification", '{"phone":"+491","smsCode":"«pin6»","verificationCode":"«pin6»"}'),
    "passcode": ("Zoom", '{"id":7,"topic":"x","password":"«/[A-Za-z0-9]{6}7/»","h323_password":"«pin6»","encrypted_password":"«/[A-Za-z0-9]{32}.1/»"}'),
    "pkce": ("RFC 7636", '{"grant_type":"authorization_code","code":"«url43»","code_verifier":"«url43»","client_id":"c7"}'),
    "accesskey": ("Alibaba-like names", '{"accesskey":"«»","accessKeySecret":"«»","region":"eu"}'),
    "hmac-field": ("Shopify-like app proxies", '{"shop":"s.example","hmac":"«hex64»","timestamp":"1788220800"}'),
    "sign-field": ("WeChat Pay", '{"appId":"wx7","nonceStr":"n","package":"prepay_id=7","paySign":"«HEX64»","signType":"MD5"}'),
    "passphrase": ("exchanges", '{"apiKey":"«hex32»","secretKey":"«HEX64»","passphrase":"«plain»"}'),
    "har-headers": ("HAR 1.2", '{"log":{"entries":[{"request":{"headers":[{"name":"Authorization","value":"Bearer «url43»"},{"name":"Accept","value":"*/*"}],"queryString":[{"name":"api_key","value":"«hex32»"}]}}]}}'),
    "har-cookies": ("HAR 1.2", '{"log":{"entries":[{"request":{"cookies":[{"name":"sessionid","value":"«/[a-z0-9]{32}/»","path":"/"}],"postData":{"mimeType":"application/json","text":"{\\"password\\":\\"«plain»\\"}"}}}]}}'),
    "har-content": ("HAR 1.2", '{"log":{"entries":[{"response":{"content":{"mimeType":"application/json","encoding":"base64","text":"«b64:{"access_token":"«url43»"}»"}}}]}}'),
    "header-dump": ("httpbin", '{"headers":{"Host":"h","Authorization":"Bearer «url43»","X-Api-Key":"«hex32»"},"url":"http://h/get"}'),
    "header-dump-list": ("proxies and API gateways", '{"multiValueHeaders":{"Authorization":["Basic «b64:ada:«plain»»"],"Cookie":["sid=«»"]}}'),
    "raw-headers": ("Node rawHeaders", '{"rawHeaders":["Host","x","Authorization","Bearer «url43»","Accept","*/*"]}'),
    "lambda-event": ("API Gateway events", '{"version":"2.0","headers":{"authorization":"«jwt»"},"cookies":["session=«»"],"rawQueryString":"token=«secret40»&n=1"}'),
    "postman": ("Postman collections", '{"auth":{"type":"bearer","bearer":[{"key":"token","value":"«url43»","type":"string"}]},"item":[]}'),
    "postman-environment": ("Postman environments", '{"values":[{"key":"base","value":"https://x.example"},{"key":"apikey","value":"«hex32»","type":"secret"}]}'),
    "openapi-example": ("OpenAPI with a real key", '{"openapi":"3.1.0","servers":[{"url":"https://x.example"}],"x-internal":{"adminToken":"«secret40»"}}'),
    "sentry-event": ("Sentry events", '{"exception":{"values":[{"stacktrace":{"frames":[{"vars":{"password":"\'«plain»\'","n":"3"}}]}}]}}'),
    "breadcrumbs": ("Sentry breadcrumbs", '{"breadcrumbs":[{"category":"http","data":{"url":"https://x.example/in?token=«secret40»","method":"GET"}}]}'),
    "datadog-log": ("Datadog logs", '{"ddsource":"py","message":"{\\"event\\":\\"login\\",\\"password\\":\\"«plain»\\"}","hostname":"h"}'),
    "cloudwatch": ("CloudWatch", '{"logEvents":[{"timestamp":1,"message":"START token=«secret40» END"}]}'),
    "graphql-variables": ("GraphQL over HTTP", '{"query":"mutation L($i:In!){login(input:$i){id}}","variables":{"i":{"email":"a@x.example","password":"«plain»"}}}'),
    "graphql-literal": ("GraphQL literals", '{"query":"mutation{login(email:\\"a@x.example\\",password:\\"«plain»\\"){user{id}}}"}'),
    "graphql-answer": ("GraphQL answers", '{"data":{"login":{"accessToken":"«jwt»","viewer":{"id":"u7"}}}}'),
    "jsonrpc": ("JSON-RPC 2.0 by position", '{"jsonrpc":"2.0","method":"login","params":["ada","«pw»"],"id":1}'),
    "jsonrpc-names": ("Zabbix API", '{"jsonrpc":"2.0","method":"user.login","params":{"username":"ada","password":"«plain»"},"id":1,"auth":"«hex32»"}'),
    "odoo": ("Odoo JSON-RPC", '{"jsonrpc":"2.0","params":{"service":"common","method":"login","args":["db","ada","«plain»"]}}'),
    "json-api": ("JSON:API", '{"data":{"type":"tokens","id":"7","attributes":{"secret":"«»","label":"ci"}}}'),
    "hal": ("HAL links", '{"_links":{"self":{"href":"/t/7"},"download":{"href":"https://x.example/f?signature=«url43»"}}}'),
    "protojson": ("google.protobuf.Struct", '{"fields":{"password":{"stringValue":"«plain»"},"n":{"numberValue":3}}}'),
    "dynamodb": ("DynamoDB items", '{"Item":{"user":{"S":"ada"},"password":{"S":"«plain»"},"apiToken":{"S":"«secret40»"}}}'),
    "firestore": ("Firestore documents", '{"fields":{"apiKey":{"stringValue":"«secret40»"},"mode":{"stringValue":"x"}}}'),
    "bson-extended": ("MongoDB extended JSON", '{"_id":{"$oid":"65f0"},"pwd":"«plain»","key":{"$binary":{"base64":"«key32»","subType":"00"}}}'),
    "avro-union": ("Avro JSON encoding", '{"user":"ada","password":{"string":"«plain»"}}'),
    "columns-rows": ("tabular JSON answers", '{"columns":["user","password","n"],"rows":[["ada","«plain»",3],["bob","«plain»",4]]}'),
    "settings-list": ("Azure App Service settings", '[{"name":"DB_PASSWORD","value":"«plain»","slotSetting":false},{"name":"MODE","value":"x"}]'),
    "doubled": ("EventBridge, SNS", '{"Type":"Notification","Message":"{\\"detail\\":\\"{\\\\\\"password\\\\\\":\\\\\\"«plain»\\\\\\"}\\"}"}'),
    "base64-json": ("Pub/Sub push", '{"message":{"data":"«b64:{"user":"ada","password":"«plain»"}»","messageId":"7"}}'),
    "gzip-base64": ("CloudWatch subscriptions", '{"awslogs":{"data":"«gz64:{"message":"password=«plain»"}»"}}'),
    "hex-json": ("blockchain-like payloads", '{"input":"«hex:{"password":"«plain»"}»","gas":21000}'),
    "utf16-powershell": ("PowerShell -EncodedCommand", '{"command":"powershell -enc «utf16:$password = \'«plain»\'; Start-App»"}'),
    "jwk-private": ("RFC 7517 private keys", '{"kty":"EC","crv":"P-256","x":"abc","y":"def","d":"«url43»","kid":"7"}'),
    "jwk-oct": ("RFC 7517 symmetric keys", '{"keys":[{"kty":"oct","k":"«url43»","alg":"HS256","kid":"7"}]}'),
    "jwe": ("RFC 7516 compact", '{"result":"«/eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..[A-Za-z0-9_-]{16}.[A-Za-z0-9_-]{80}.[A-Za-z0-9_-]{22}/»"}'),
    "paseto": ("PASETO 4", '{"result":"«/v4.local.[A-Za-z0-9_-]{120}/»"}'),
    "macaroon": ("Macaroons", '{"macaroon":"«/MDAx[A-Za-z0-9_-]{120}/»"}'),
    "biscuit-fernet": ("Fernet", '{"sealed":"«fernet»"}'),
    "sd-jwt": ("SD-JWT of RFC 9901", '{"credential":"«jwt»~«/WyJ[A-Za-z0-9_-]{50}/»~"}'),
    "apple-signin": ("Sign in with Apple", '{"code":"«/c[a-f0-9]{32}.0.s.[A-Za-z0-9_-]{22}/»","id_token":"«jwt»","user":"{}"}'),
    "mnemonic": ("wallet APIs", '{"address":"0x1","privateKey":"«/0x[a-f0-9]{64}/»","mnemonic":"«/zorb [a-z]{9} [a-z]{8} [a-z]{8} [a-z]{8}/»"}'),
    "age-key": ("age", '{"line":"«/AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/»"}'),
}

_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_XML: Mapping[str, tuple[str, str]] = {
    "soap-wsse": ("WS-Security", f'<s:Envelope xmlns:s="x"><s:Header><w:Security xmlns:w="{_WSSE}"><w:UsernameToken><w:Username>ada</w:Username><w:Password Type="#PasswordText">«plain»</w:Password></w:UsernameToken></w:Security></s:Header></s:Envelope>'),
    "soap-session": ("Salesforce SOAP login", "<loginResponse><result><sessionId>«/00D[A-Za-z0-9]{12}![A-Za-z0-9._]{96}/»</sessionId><userId>005</userId></result></loginResponse>"),
    "soap-parameters": ("SOAP login", "<soap:Body><Login><userName>ada</userName><passWord>«plain»</passWord></Login></soap:Body>"),
    "saml": ("SAML 2.0", '<saml:Assertion ID="_7"><ds:SignatureValue>«key64»</ds:SignatureValue><saml:Subject>ada</saml:Subject></saml:Assertion>'),
    "aws-sts-xml": ("AWS STS", "<AssumeRoleResult><Credentials><AccessKeyId>«aws session»</AccessKeyId><SecretAccessKey>«aws secret»</SecretAccessKey><SessionToken>«/IQoJb3[A-Za-z0-9+/]{200}/»</SessionToken></Credentials></AssumeRoleResult>"),
    "xml-rpc": ("XML-RPC by position", "<methodCall><methodName>wp.getPosts</methodName><params><param><value><string>ada</string></value></param><param><value><string>«pw»</string></value></param></params></methodCall>"),
    "xml-rpc-struct": ("XML-RPC structs", "<struct><member><name>password</name><value><string>«plain»</string></value></member></struct>"),
    "cdata": ("CDATA sections", "<user><name>ada</name><password><![CDATA[«plain»]]></password></user>"),
    "cdata-less": ("CDATA with a tail", "<user><password><![CDATA[«plain»<«plain»]]></password></user>"),
    "attribute-single": ("XML attributes", "<login user='ada' password='«plain»' n='3'/>"),
    "attribute-pair": ("XML settings", '<settings><add name="apiKey" value="«secret40»" type="string"/></settings>'),
    "attribute-entities": ("XML attributes", '<login password="a&amp;«plain»&quot;«plain»" user="ada"/>'),
    "multi-line": ("XML with line breaks", "<credentials>\n  <password>\n    «plain»\n  </password>\n</credentials>"),
    "namespaced-json-in-xml": ("SOAP with JSON", "<r:Body xmlns:r='x'><r:Json>{\"user\":\"ada\",\"password\":\"«plain»\"}</r:Json></r:Body>"),
    "escaped-xml": ("SOAP with escaped XML", "<Result>&lt;user&gt;&lt;password&gt;«plain»&lt;/password&gt;&lt;/user&gt;</Result>"),
    "rss-url": ("podcast feeds", "<item><enclosure url='https://p.example/e.mp3?token=«url43»' length='1'/></item>"),
    "rsa-key-value": (".NET RSA keys", "<RSAKeyValue><Modulus>abc</Modulus><Exponent>AQAB</Exponent><D>«key64»</D></RSAKeyValue>"),
    "opml-comment": ("XML comments", "<!-- password: «plain» --><user name='ada'/>"),
}

_PAGES: Mapping[str, tuple[str, str, str]] = {
    "page-state": ("Next.js page data", HTML, '<script id="__NEXT_DATA__" type="application/json">{"props":{"user":"ada","accessToken":"«url43»"}}</script>'),
    "window-state": ("Redux page state", HTML, '<script>window.__STATE__={"auth":{"token":"«url43»","n":1}};</script>'),
    "script-variables": ("page scripts", HTML, "<script>var csrfToken = '«url43»', lang = 'en'; gapi.load('x');</script>"),
    "script-single": ("page scripts", HTML, "<script>init({apiKey:'«secret40»',mode:'x'})</script>"),
    "jsonp": ("JSONP", "application/javascript", 'callback({"user":"ada","session_token":"«url43»"});'),
    "guarded-json": ("Google JSON prefix", JSON, ')]}\'\n{"user":"ada","access_token":"«url43»"}'),
    "data-attribute": ("HTML data attributes", HTML, '<div id="app" data-user="ada" data-api-key="«secret40»" data-n="3"></div>'),
    "data-json-attribute": ("Inertia.js", HTML, '<div id="app" data-page="{&quot;props&quot;:{&quot;csrf_token&quot;:&quot;«url43»&quot;}}"></div>'),
    "hidden-input": ("ASP.NET forms", HTML, '<input name="__RequestVerificationToken" type="hidden" value="«/CfDJ8[A-Za-z0-9_-]{90}/»" />'),
    "hidden-input-order": ("Django forms", HTML, '<input type="hidden" value="«/[A-Za-z0-9]{64}/»" name="csrfmiddlewaretoken">'),
    "viewstate": ("JSF", HTML, '<input type="hidden" name="authToken" id="j_id1:authToken" value="«url43»" autocomplete="off" />'),
    "password-input": ("routers", HTML, '<form name="login"><input type=password name=pwd value=«plain»></form>'),
    "saml-post": ("SAML POST binding", HTML, '<form action="https://sp.example/acs"><input name="SAMLResponse" value="«b64:<Response><SignatureValue>«key64»</SignatureValue></Response>»"></form>'),
    "form-action": ("signed form actions", HTML, '<form method="post" action="/in?login_challenge=7&token=«url43»">'),
    "meta-refresh": ("HTML refresh", HTML, '<meta http-equiv="refresh" content="0;url=https://shop.example/in?token=«url43»">'),
    "meta-csrf": ("Rails", HTML, '<meta content="«/[A-Za-z0-9_-]{86}/»" name="csrf-token" /><meta name="csrf-param" content="authenticity_token">'),
    "definition-list": ("settings pages", HTML, "<dl><dt>API key</dt><dd>«secret40»</dd><dt>Region</dt><dd>eu</dd></dl>"),
    "table-cell": ("settings pages", HTML, "<table><tr><th>Client secret</th><td><code>«secret40»</code></td></tr></table>"),
    "code-block": ("quick start pages", HTML, "<pre><code>curl -H &quot;Authorization: Bearer «url43»&quot; https://x.example</code></pre>"),
    "comment": ("HTML comments", HTML, "<!-- db_password=«plain» --><p>Hello</p>"),
}

_FORMS: Mapping[str, tuple[str, str]] = {
    "token-grant": ("RFC 6749", "grant_type=authorization_code&code=«url43»&redirect_uri=https%3A%2F%2Fx&client_id=c7&client_secret=«url43»"),
    "refresh-grant": ("RFC 6749", "grant_type=refresh_token&refresh_token=«url43»"),
    "pkce": ("RFC 7636", "grant_type=authorization_code&client_id=c7&code=«url43»&code_verifier=«url43»"),
    "device": ("RFC 8628", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=«url43»&client_id=c7"),
    "jwt-bearer": ("RFC 7523", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=«jwt»"),
    "client-assertion": ("RFC 7523", "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=«jwt»"),
    "token-exchange": ("RFC 8693", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=«url43»&subject_token_type=urn%3Aa&actor_token=«url43»"),
    "introspection": ("RFC 7662", "token=«url43»&token_type_hint=access_token"),
    "saml": ("SAML POST binding", "SAMLResponse=«pct:«b64:<samlp:Response ID=\"_7\"><ds:SignatureValue>«key64»</ds:SignatureValue></samlp:Response>»»&RelayState=%2Fhome"),
    "ciba": ("OpenID CIBA", "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&auth_req_id=«uuid»&client_id=c7"),
    "login": ("Django login", "csrfmiddlewaretoken=«/[A-Za-z0-9]{64}/»&username=ada&password=«pct:«pw»»&next=%2F"),
    "rails-login": ("Devise", "authenticity_token=«url43»&user%5Bemail%5D=a%40x.example&user%5Bpassword%5D=«plain»&user%5Botp_attempt%5D=«pin6»"),
    "aws-query": ("AWS query protocol", "Action=CreateLoginProfile&Password=«plain»&UserName=ada&Version=2010-05-08"),
    "slack-command": ("Slack slash commands", "token=«/[A-Za-z0-9]{24}/»&team_id=T0&command=%2Fdeploy&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0%2F7%2F«/[A-Za-z0-9]{24}/»"),
    "twilio": ("Twilio messages", "To=%2B491&From=%2B492&Body=Your+code+is+«pin6»"),
    "json-in-form": ("Slack interactivity", "payload=«pct:{\"type\":\"view\",\"token\":\"«/[A-Za-z0-9]{24}/»\"}»"),
    "stripe-card": ("Stripe tokens", "card%5Bnumber%5D=«card»&card%5Bcvc%5D=«/[1-8][0-9]{2}/»&card%5Bexp_month%5D=8"),
    "paypal-nvp": ("PayPal NVP", "METHOD=SetExpressCheckout&USER=shop&PWD=«/[A-Z0-9]{16}/»&SIGNATURE=«/A[A-Za-z0-9.-]{55}/»"),
    "wsfed": ("WS-Federation", "wa=wsignin1.0&wresult=«pct:<t:RequestedSecurityToken>«key64»</t:RequestedSecurityToken>»"),
    "upper": ("ASP.NET forms", "UserName=ada&Password=«plain»&__RequestVerificationToken=«/CfDJ8[A-Za-z0-9_-]{90}/»"),
}

_STREAMS: Mapping[str, tuple[str, str, str, int]] = {
    "sse-json": ("server-sent events", SSE, 'event: session\ndata: {"access_token":"«url43»"}\n\ndata: [DONE]\n\n', 0),
    "sse-text": ("server-sent events", SSE, "data: your password is «plain»\n\nid: 2\ndata: bye\n\n", 0),
    "sse-lines": ("server-sent events in lines", SSE, 'data: {\ndata: "password": "«plain»"\ndata: }\n\n', 0),
    "sse-chunks": ("server-sent events, cut by chunks", SSE, 'data: {"n":1}\n\ndata: {"api_key":"«secret40»"}\n\n', 9),
    "sse-crlf": ("server-sent events", SSE, 'data: {"token":"«url43»"}\r\n\r\n', 0),
    "sse-openai": ("OpenAI streams", SSE, 'data: {"choices":[{"delta":{"content":"key is «stripe-live»"}}]}\n\ndata: [DONE]\n\n', 0),
    "sse-anthropic": ("Anthropic streams", SSE, 'event: content_block_delta\ndata: {"delta":{"type":"input_json_delta","partial_json":"{\\"password\\":\\"«plain»\\"}"}}\n\n', 0),
    "sse-deltas": ("chat completions, a key over two events", SSE, 'data: {"delta":"use sk_live_«/[A-Za-z0-9]{12}/»"}\n\ndata: {"delta":"«/[A-Za-z0-9]{12}/» then"}\n\n', 0),
    "text-chunks": ("chunked text", TEXT, "here is the token=«secret40» you asked for\n", 5),
    "json-chunks": ("chunked JSON", JSON, '{"n":1,"password":"«plain»"}', 4),
    "ndjson-docker": ("Docker build output", NDJSON, '{"stream":"Step 1/2 : ENV API_KEY=«secret40»\\n"}\n{"stream":" ---> 0f1e\\n"}\n', 0),
    "ndjson-ollama": ("Ollama streams", NDJSON, '{"response":"a","done":false}\n{"response":"password: «plain»","done":true}\n', 0),
    "json-seq": ("RFC 7464", "application/json-seq", '\x1e{"n":1}\n\x1e{"password":"«plain»"}\n', 0),
    "mixed": ("multipart/mixed batches", "multipart/mixed; boundary=b7", '--b7\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"access_token":"«url43»"}\r\n--b7--\r\n', 0),
    "batch-request": ("Google batch requests", "multipart/mixed; boundary=b7", "--b7\r\nContent-Type: application/http\r\n\r\nGET /a HTTP/1.1\r\nAuthorization: Bearer «url43»\r\n\r\n--b7--\r\n", 0),
    "soap-mtom": ("SOAP with MTOM", "multipart/related; boundary=b7", "--b7\r\nContent-Type: application/xop+xml\r\n\r\n<Login><password>«plain»</password></Login>\r\n--b7--\r\n", 0),
    "mbox": ("mail by API", "message/rfc822", "From: a@x.example\r\nTo: b@x.example\r\nSubject: Login\r\n\r\nyour password is «plain»\r\n", 0),
    "graphql-multipart": ("GraphQL @defer", "multipart/mixed; boundary=-", '---\r\nContent-Type: application/json\r\n\r\n{"data":{"apiKey":"«secret40»"},"hasNext":false}\r\n-----\r\n', 0),
}

_SECRET_JSON = '{"user":"ada","password":"«plain»","api_key":"«hex32»","n":3}'
_SECRET_LINES = "# settings\nDB_HOST=db\nDB_PASSWORD=«plain»\nAPI_KEY=«secret40»\n"
_LONG_JSON = (
    '{"note":"a text that is long enough to be wrapped in lines of a mail","password":"«plain»",'
    '"rest":"and more of it, so that there are at least three lines in the end of it all"}'
)
_BINARIES: Mapping[str, tuple[str, str, str, Pack, bool]] = {
    "gzip-json": ("gzip without Content-Encoding", BINARY, _SECRET_JSON, archives.gzipped, True),
    "gzip-media": ("application/gzip", "application/gzip", _SECRET_LINES, archives.gzipped, True),
    "zlib-json": ("zlib without Content-Encoding", BINARY, _SECRET_JSON, archives.zlibbed, True),
    "zip-lines": ("GitHub Actions log archives", "application/zip", _SECRET_LINES, archives.zipped, True),
    "zip-json": ("exports as zip", "application/zip", _SECRET_JSON, archives.zipped, True),
    "tar": ("docker cp archives", "application/x-tar", _SECRET_LINES, archives.tarred, False),
    "tar-gzip": ("Helm charts", "application/gzip", _SECRET_LINES, archives.tar_gzipped, True),
    "base64-json": ("base64 bodies", TEXT, _SECRET_JSON, archives.based64, True),
    "mime-base64": ("mail attachments", TEXT, _LONG_JSON, archives.mime64, True),
    "grpc-web-text": ("gRPC-web text", "application/grpc-web-text", _SECRET_JSON, archives.grpc_web_text, False),
    "cbor": ("RFC 8949", "application/cbor", _SECRET_JSON, archives.cbor, False),
    "cbor-smithy": ("AWS Smithy RPC v2", "application/cbor", '{"SecretAccessKey":"«aws secret»","AccessKeyId":"«aws»"}', archives.cbor, False),
    "msgpack": ("MessagePack", "application/msgpack", _SECRET_JSON, archives.msgpack, False),
    "msgpack-rpc": ("Metasploit RPC", "binary/message-pack", '["auth.login","ada","«plain»"]', archives.msgpack, False),
    "bson": ("MongoDB Realm", "application/bson", _SECRET_JSON, archives.bson, False),
    "quoted-printable": ("mail bodies", TEXT, "name=ä\n" + _SECRET_LINES + "a line that is so long that it has to be broken, password=«plain» is in it\n", archives.quoted_printable, True),
    "utf-16": ("Windows exports", "text/plain; charset=utf-16", _SECRET_LINES, archives.utf16, False),
    "bom-lines": ("Windows exports", TEXT, _SECRET_LINES, archives.with_bom, False),
    "crlf-lines": ("Windows env files", TEXT, _SECRET_LINES, archives.crlf, False),
}


def _multipart(content: str, filename: str = "", media: str = "") -> str:
    name = f'; filename="{filename}"' if filename else ""
    kind = f"\r\nContent-Type: {media}" if media else ""
    return (
        f'--b7\r\nContent-Disposition: form-data; name="file"{name}{kind}\r\n\r\n{content}\r\n--b7--\r\n'
    )


_UPLOADS: Mapping[str, tuple[str, str]] = {
    "env": ("uploads of .env files", _multipart(_SECRET_LINES, ".env", "text/plain")),
    "json": ("uploads of JSON files", _multipart(_SECRET_JSON, "cfg.json", JSON)),
    "yaml": ("uploads of YAML files", _multipart("db:\n  password: «plain»\n", "cfg.yml", "text/yaml")),
    "ini": ("uploads of INI files", _multipart("[auth]\npassword = «plain»\n", "a.ini")),
    "csv": ("uploads of CSV files", _multipart("user,password\nada,«plain»\n", "u.csv", "text/csv")),
    "pem": ("uploads of keys", _multipart("«der pem»", "id.pem", "application/x-pem-file")),
    "xml": ("uploads of XML files", _multipart("<a><password>«plain»</password></a>", "a.xml", XML)),
    "har": ("uploads of HAR files", _multipart('{"headers":[{"name":"Authorization","value":"Bearer «url43»"}]}', "a.har")),
    "base64": ("parts with a transfer encoding", _multipart("«b64:password=«plain»»", "a.txt", "text/plain\r\nContent-Transfer-Encoding: base64")),
    "policy": ("S3 POST policies", '--b7\r\nContent-Disposition: form-data; name="X-Amz-Signature"\r\n\r\n«hex64»\r\n--b7\r\nContent-Disposition: form-data; name="policy"\r\n\r\neyJleHBpcmF0aW9uIjoxfQ==\r\n--b7--\r\n'),
}


def _cases() -> list[Case]:
    rows = []
    for number, (name, (source, text)) in enumerate(_JSON.items()):
        make = sent if number % 4 == 3 else got
        rows.append(make(f"json-{name}", source, JSON, text))
    for number, (name, (source, text)) in enumerate(_XML.items()):
        make = sent if number % 2 else got
        rows.append(make(f"xml-{name}", source, XML, text))
    rows += [got(f"page-{name}", *row) for name, row in _PAGES.items()]
    rows += [sent(f"form-{name}", source, FORM, text) for name, (source, text) in _FORMS.items()]
    rows += [
        got(f"stream-{name}", source, media, text, piece=piece)
        for name, (source, media, text, piece) in _STREAMS.items()
    ]
    for name, (source, media, text, pack, packed) in _BINARIES.items():
        unpack = archives.text_inside if packed else None
        if pack is archives.quoted_printable:
            unpack = archives.unquoted
        rows.append(got(f"binary-{name}", source, media, text, pack, unpack))
    rows += [
        sent(f"upload-{name}", source, "multipart/form-data; boundary=b7", text)
        for name, (source, text) in _UPLOADS.items()
    ]
    rows.append(sent("sent-gzip-json", "Datadog intake", JSON, _SECRET_JSON, archives.gzipped))
    rows.append(sent("sent-cbor", "AWS Smithy RPC v2", "application/cbor", _SECRET_JSON, archives.cbor))
    rows.append(sent("sent-msgpack", "Sentry relays", "application/msgpack", _SECRET_JSON, archives.msgpack))
    rows.append(sent("sent-zip", "Lambda deployments", "application/zip", _SECRET_LINES, archives.zipped))
    rows.append(sent("sent-yaml", "kubectl apply", "application/yaml", "kind: Secret\nstringData:\n  motto: «plain»\n"))
    return rows


CASES = _cases()
