"""Secrets of the environment that an answer repeats, connection strings, and secrets in many calls."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import quote

from ..placements import Answer, PlannedCall
from .rows import FORM, JSON, TEXT, Case, got, note, sent, steps, variable

Make: TypeAlias = Callable[[str], PlannedCall]

_VARIABLES: Mapping[str, tuple[str, str]] = {
    "PGPASSWORD": ("libpq", "«plain»"),
    "MYSQL_PWD": ("MySQL client", "«plain»"),
    "MYSQL_ROOT_PASSWORD": ("MySQL image", "«plain»"),
    "POSTGRES_REPLICATION_PASSWORD": ("PostgreSQL images", "«pw»"),
    "REDISCLI_AUTH": ("redis-cli", "«plain»"),
    "MONGO_INITDB_ROOT_PASSWORD": ("MongoDB image", "«plain»"),
    "SNOWSQL_PWD": ("SnowSQL", "«plain»"),
    "SECRET_KEY_BASE": ("Rails", "«/[a-f0-9]{128}/»"),
    "RAILS_MASTER_KEY": ("Rails", "«hex32»"),
    "DJANGO_SECRET_KEY": ("Django", "«/django-insecure-[a-z0-9]{50}/»"),
    "APP_KEY": ("Laravel", "«/base64:[A-Za-z0-9+/]{43}=/»"),
    "NEXTAUTH_SECRET": ("Auth.js", "«key32»"),
    "AUTH_SECRET": ("Auth.js 5", "«key32»"),
    "JWT_SIGNING_KEY": ("JWT libraries", "«secret40»"),
    "COOKIE_SECRET": ("oauth2-proxy", "«key32»"),
    "HMAC_KEY": ("webhook receivers", "«hex64»"),
    "AWS_SECRET_ACCESS_KEY": ("AWS SDKs", "«aws secret»"),
    "AWS_SESSION_TOKEN": ("AWS SDKs", "«/IQoJb3[A-Za-z0-9+/]{200}/»"),
    "AWS_BEARER_TOKEN_BEDROCK": ("Amazon Bedrock", "«/ABSK[A-Za-z0-9+/]{128}/»"),
    "AZURE_CLIENT_SECRET": ("Azure Identity", "«entra»"),
    "AZURE_STORAGE_KEY": ("Azure CLI", "«key64»"),
    "AZURE_STORAGE_CONNECTION_STRING": ("Azure CLI", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=«key64»;EndpointSuffix=core.windows.net"),
    "AZURE_DEVOPS_EXT_PAT": ("Azure DevOps CLI", "«/[a-z2-7]{52}/»"),
    "SYSTEM_ACCESSTOKEN": ("Azure Pipelines", "«jwt»"),
    "ARM_CLIENT_SECRET": ("Terraform azurerm", "«entra»"),
    "TF_VAR_db_password": ("Terraform", "«plain»"),
    "TF_TOKEN_app_terraform_io": ("Terraform", "«/[A-Za-z0-9]{14}.atlasv1.[A-Za-z0-9]{67}/»"),
    "PULUMI_CONFIG_PASSPHRASE": ("Pulumi", "«pw»"),
    "VAULT_TOKEN": ("Vault", "«/hvs.[A-Za-z0-9_-]{95}/»"),
    "CONSUL_HTTP_TOKEN": ("Consul", "«uuid»"),
    "NOMAD_TOKEN": ("Nomad", "«uuid»"),
    "GOOGLE_API_KEY": ("Google GenAI SDK", "«/AIza[A-Za-z0-9_-]{35}/»"),
    "GOOGLE_CREDENTIALS": ("Terraform google", '{"type":"service_account","private_key":"«/[A-Za-z0-9+/]{80}/»"}'),
    "OPENAI_API_KEY": ("OpenAI SDKs", "«openai»"),
    "ANTHROPIC_AUTH_TOKEN": ("Anthropic SDKs", "«/sk-ant-oat01-[A-Za-z0-9_-]{93}AA/»"),
    "HF_TOKEN": ("Hugging Face", "«hugging-face»"),
    "GITHUB_TOKEN": ("GitHub Actions", "«github-server»"),
    "GH_PAT": ("GitHub workflows", "«/ghp_[A-Za-z0-9]{36}/»"),
    "DEPLOY_PAT": ("release workflows", "«/[a-z0-9]{40}/»"),
    "CI_JOB_TOKEN": ("GitLab CI", "«/[A-Za-z0-9_-]{20}z/»"),
    "CI_REGISTRY_PASSWORD": ("GitLab CI", "«plain»"),
    "NPM_TOKEN": ("npm", "«uuid»"),
    "NODE_AUTH_TOKEN": ("setup-node", "«/npm_[A-Za-z0-9]{36}/»"),
    "TWINE_PASSWORD": ("Twine", "«pypi»"),
    "UV_PUBLISH_TOKEN": ("uv", "«pypi»"),
    "CARGO_REGISTRY_TOKEN": ("Cargo", "«/cio[A-Za-z0-9]{32}/»"),
    "GEM_HOST_API_KEY": ("RubyGems", "«/rubygems_[a-f0-9]{48}/»"),
    "DOCKER_AUTH_CONFIG": ("GitLab CI", '{"auths":{"r.example":{"auth":"«b64:ada:«plain»»"}}}'),
    "DOCKERHUB_PAT": ("Docker Hub", "«docker»"),
    "SONAR_LOGIN": ("SonarScanner", "«hex40»"),
    "SLACK_WEBHOOK_URL": ("Slack incoming webhooks", "https://hooks.slack.com/services/T0SHOP12/B0SHOP3456/«/[A-Za-z0-9]{24}/»"),
    "DISCORD_WEBHOOK": ("Discord", "https://discord.com/api/webhooks/1234567890123456789/«/[A-Za-z0-9_-]{68}/»"),
    "TEAMS_WEBHOOK_URL": ("Microsoft Teams", "https://prod.logic.azure.com/workflows/7/triggers/manual/paths/invoke?sv=1.0&sig=«url43»"),
    "SLACK_SIGNING_SECRET": ("Slack", "«hex32»"),
    "STRIPE_WEBHOOK_SECRET": ("Stripe", "«webhook-secret»"),
    "TWILIO_AUTH_TOKEN": ("Twilio", "«hex32»"),
    "SMTP_PW": ("mail settings", "«plain»"),
    "ADMIN_PW": ("deploy scripts", "«plain»"),
    "DB_PASS": ("PHP frameworks", "«plain»"),
    "DBPASSWORD": ("shell scripts", "«plain»"),
    "EMAIL_HOST_PASSWORD": ("Django", "«plain»"),
    "MAIL_PASSWD": ("mail settings", "«plain»"),
    "SENDGRID_APIKEY": ("SendGrid", "«sendgrid»"),
    "KEYSTORE_PASS": ("Android signing", "«plain»"),
    "KEY_PASSPHRASE": ("code signing", "«plain»"),
    "GPG_PRIVATE_KEY": ("release workflows", "«/lQOYBG[A-Za-z0-9+/]{120}/»"),
    "MATCH_PASSWORD": ("fastlane", "«plain»"),
    "FASTLANE_APPLE_APPLICATION_SPECIFIC_PASSWORD": ("fastlane", "«/[a-z]{4}-[a-z]{4}-[a-z]{4}-[a-z]{4}/»"),
    "SENTRY_AUTH_TOKEN": ("Sentry CLI", "«/sntryu_[a-f0-9]{64}/»"),
    "DD_API_KEY": ("Datadog", "«hex32»"),
    "DD_APP_KEY": ("Datadog", "«hex40»"),
    "NEW_RELIC_LICENSE_KEY": ("New Relic", "«/[a-f0-9]{36}NRAL/»"),
    "HONEYCOMB_API_KEY": ("Honeycomb", "«/[A-Za-z0-9]{22}/»"),
    "GRAFANA_PASS": ("Grafana", "«plain»"),
    "ES_PASSWORD": ("Elasticsearch", "«plain»"),
    "KAFKA_SASL_PASSWORD": ("Kafka clients", "«plain»"),
    "AMQP_PASS": ("RabbitMQ clients", "«plain»"),
    "LDAP_BIND_CREDENTIALS": ("LDAP clients", "«plain»"),
    "OAUTH2_PROXY_CLIENT_SECRET": ("oauth2-proxy", "«url43»"),
    "OIDC_RP_CLIENT_SECRET": ("mozilla-django-oidc", "«url43»"),
    "SHOP_ACCESSKEY": ("own settings", "«secret40»"),
    "SHOP_TOTP_SEED": ("own settings", "«base32»"),
    "CLOUDFLARE_API_TOKEN": ("Wrangler", "«/[A-Za-z0-9_-]{40}/»"),
    "FLY_API_TOKEN": ("flyctl", "FlyV1 fm2_«/[A-Za-z0-9+/]{140}/»"),
    "HEROKU_API_KEY": ("Heroku CLI", "«uuid»"),
    "SUPABASE_SERVICE_ROLE_KEY": ("Supabase", "«jwt»"),
    "CONTENTFUL_MANAGEMENT_TOKEN": ("Contentful", "«/CFPAT-[A-Za-z0-9_-]{43}/»"),
    "ALGOLIA_ADMIN_KEY": ("Algolia", "«hex32»"),
    "ENCRYPTION_KEY": ("n8n, Metabase", "«hex64»"),
    "FERNET_KEY": ("Airflow", "«/[A-Za-z0-9_-]{43}=/»"),
    "AIRFLOW__CORE__FERNET_KEY": ("Airflow", "«/[A-Za-z0-9_-]{43}=/»"),
    "AIRFLOW_CONN_DB": ("Airflow", "postgres://app:«plain»@db.example:5432/shop"),
    "N8N_BASIC_AUTH_PASSWORD": ("n8n", "«plain»"),
    "WEBHOOK_HMAC": ("webhook receivers", "«hex64»"),
    "BASIC_AUTH": ("reverse proxies", "ada:«plain»"),
    "API_CREDS": ("own settings", "ada:«plain»"),
    "AUTH_HEADER": ("own settings", "Bearer «url43»"),
    "SSH_PRIVATE_KEY_B64": ("deploy workflows", "«key64»"),
    "PROXY_URL": ("corporate proxies", "http://ada:«plain»@proxy.example:3128"),
    "CELERY_RESULT_BACKEND": ("Celery", "redis://:«plain»@cache.example:6379/1"),
    "SQLALCHEMY_DATABASE_URI": ("Flask-SQLAlchemy", "mysql+pymysql://app:«plain»@db.example/shop"),
    "SENTRY_DSN": ("Sentry of 2017", "https://0f1e2d3c:«hex32»@sentry.example/42"),
    "VCAP_SERVICES": ("Cloud Foundry", '{"mysql":[{"credentials":{"username":"u","password":"«plain»"}}]}'),
    "ConnectionStrings__Default": ("ASP.NET", "Server=db.example;Database=shop;User Id=app;Password=«plain»;Encrypt=True"),
    "SPRING_DATASOURCE_PASSWORD": ("Spring Boot", "«plain»"),
    "npm_config__auth": ("npm", "«b64:ada:«plain»»"),
}
_DOTENV = ("PGPASSWORD", "GH_PAT", "SMTP_PW", "SLACK_WEBHOOK_URL", "API_CREDS", "SECRET_KEY_BASE")

_CONNECTIONS: Mapping[str, tuple[str, str]] = {
    "ado-net": ("ADO.NET SqlClient", "Server=tcp:db.example,1433;Initial Catalog=shop;User ID=app;Password=«plain»;Encrypt=True;"),
    "ado-net-pwd": ("ADO.NET MySQL", "server=db;uid=app;pwd=«plain»;database=shop"),
    "ado-net-quoted": ("ADO.NET quoting", "Server=db;User Id=app;Password='«pw»;«plain»';Timeout=5"),
    "npgsql": ("Npgsql", "Host=db;Username=app;Password=«plain»;Database=shop;SSL Mode=Require"),
    "odbc": ("ODBC", "Driver={ODBC Driver 18 for SQL Server};Server=db;UID=app;PWD={«pw»};TrustServerCertificate=yes"),
    "oledb": ("OLE DB", "Provider=MSOLEDBSQL;Data Source=db;User ID=app;Password=«plain»;"),
    "oracle": ("Oracle", "Data Source=(DESCRIPTION=(ADDRESS=(HOST=db)));User Id=app;Password=«plain»;"),
    "oracle-slash": ("Oracle SQL*Plus", "sqlplus app/«plain»@//db.example:1521/SHOP"),
    "jdbc-query": ("JDBC PostgreSQL", "jdbc:postgresql://db.example/shop?user=app&password=«plain»&ssl=true"),
    "jdbc-userinfo": ("JDBC MySQL", "jdbc:mysql://app:«plain»@db.example:3306/shop"),
    "jdbc-oracle": ("JDBC Oracle thin", "jdbc:oracle:thin:app/«plain»@db.example:1521:SHOP"),
    "jdbc-sqlserver": ("JDBC SQL Server", "jdbc:sqlserver://db:1433;databaseName=shop;user=app;password=«plain»;encrypt=true"),
    "jdbc-snowflake": ("JDBC Snowflake", "jdbc:snowflake://x7.snow.example/?user=ada&password=«plain»&warehouse=w"),
    "libpq": ("libpq key words", "host=db.example port=5432 dbname=shop user=app password=«plain» sslmode=require"),
    "libpq-quoted": ("libpq key words", "host=db user=app password='«pw»' dbname=shop"),
    "postgresql": ("SQLAlchemy", "postgresql+psycopg://app:«plain»@db.example:5432/shop?sslmode=require"),
    "postgres-query": ("libpq URIs", "postgresql://db.example/shop?user=app&password=«plain»"),
    "mongodb": ("MongoDB", "mongodb://app:«plain»@a.example:27017,b.example:27017/shop?replicaSet=r"),
    "mongodb-srv": ("MongoDB Atlas", "mongodb+srv://app:«plain»@cluster0.ab1cd.mongodb.example/shop?retryWrites=true"),
    "redis": ("Redis", "redis://default:«plain»@cache.example:6379/0"),
    "redis-no-user": ("Redis", "rediss://:«plain»@cache.example:6380"),
    "redis-exchange": ("StackExchange.Redis", "cache.example:6380,password=«key32»,ssl=True,abortConnect=False"),
    "amqp": ("RabbitMQ", "amqps://app:«plain»@mq.example:5671/%2Fshop"),
    "mqtt": ("MQTT", "mqtts://device7:«plain»@broker.example:8883"),
    "smtp": ("mailer DSN of Symfony", "smtp://ada%40shop.example:«plain»@mail.example:587?encryption=tls"),
    "symfony-ses": ("Symfony mailer", "ses+smtp://«aws»:«/[A-Za-z0-9]{44}/»@default?region=eu-west-1"),
    "ldap": ("LDAP", "ldaps://cn=app,dc=shop:«plain»@ldap.example:636"),
    "ftp": ("FTP", "ftp://ada:«plain»@files.example/in"),
    "sftp": ("SFTP", "sftp://ada:«plain»@files.example:22/in"),
    "smb": ("SMB", "smb://SHOP;ada:«plain»@nas.example/share"),
    "s3": ("Backups", "s3://«aws»:«/[A-Za-z0-9]{40}/»@b.example/backups"),
    "cloudinary": ("Cloudinary", "cloudinary://874837483274837:«/[A-Za-z0-9_-]{27}/»@shop"),
    "elastic": ("Elastic Cloud", "https://elastic:«/[A-Za-z0-9]{24}/»@x.es.example:9243"),
    "clickhouse": ("ClickHouse", "clickhouse://default:«plain»@ch.example:9440/shop?secure=true"),
    "snowflake": ("SQLAlchemy Snowflake", "snowflake://ada:«plain»@x7/shop/public?warehouse=w"),
    "databricks": ("SQLAlchemy Databricks", "databricks://token:«/dapi[a-f0-9]{32}/»@x.azuredatabricks.example?http_path=y"),
    "azure-storage": ("Azure Storage", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=«key64»;EndpointSuffix=core.windows.net"),
    "azure-sas": ("Azure Storage", "BlobEndpoint=https://a.blob.example/;SharedAccessSignature=sv=2024-11-04&sp=r&sig=«pct:«key32»»"),
    "azure-servicebus": ("Azure Service Bus", "Endpoint=sb://s.servicebus.example/;SharedAccessKeyName=root;SharedAccessKey=«key32»;EntityPath=q"),
    "azure-iot": ("Azure IoT Hub", "HostName=h.azure-devices.example;DeviceId=d7;SharedAccessKey=«key32»"),
    "azure-cosmos": ("Azure Cosmos DB", "AccountEndpoint=https://a.documents.example:443/;AccountKey=«key64»;"),
    "azure-insights": ("Azure App Configuration", "Endpoint=https://a.azconfig.example;Id=0-l9;Secret=«key32»"),
    "azure-signalr": ("Azure SignalR", "Endpoint=https://a.signalr.example;AccessKey=«key32»;Version=1.0;"),
    "azure-communication": ("Azure Communication Services", "endpoint=https://a.communication.example/;accesskey=«key64»"),
    "kafka-sasl": ("Confluent Cloud", "sasl.username=ABCDEFGHIJKLMNOP sasl.password=«/[A-Za-z0-9+/]{64}/»"),
    "rabbit-erlang": ("Erlang cookies", "--erlang-cookie=«/[A-Z]{20}/»"),
    "ibm-mq": ("IBM Db2", "DATABASE=shop;HOSTNAME=db;PORT=50000;PROTOCOL=TCPIP;UID=app;PWD=«plain»;"),
    "sap-hana": ("SAP HANA", "hdbsql -n hana:30015 -u APP -p «plain»"),
    "proxy": ("proxies", "http://ada:«plain»@proxy.example:3128"),
    "socks": ("proxies", "socks5://ada:«plain»@127.0.0.1:1080"),
}


def _connection(name: str, source: str, text: str) -> list[Case]:
    """Return a connection string under a neutral name, and in a log line."""
    return [
        note(f"connection-{name}", source, text),
        got(f"connection-log-{name}", source, TEXT, f"2026-03-01 ERROR pool: cannot open [{text}] (3)\n"),
    ]


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), (("Content-Type", JSON),))


def _call(method: str = "GET", target: str = "/me", body: object = None, **headers: str) -> PlannedCall:
    content = b"" if body is None else json.dumps(body).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    if content:
        named = (("Content-Type", JSON), *named)
    return PlannedCall(method, target, named, content, _json({"ok": True}))


def _login(field: str) -> Make:
    return lambda secret: PlannedCall("POST", "/login", (("Content-Type", JSON),), b'{"user":"ada"}', _json({field: secret}))


def _answered(make: Callable[[str], object]) -> Make:
    return lambda secret: PlannedCall("GET", "/after", (), b"", _json(make(secret)))


def _hex(secret: str) -> str:
    return secret.encode().hex()


_STEPS: list[Case] = [
    steps("steps-bearer", "sign in, then call", _login("access_token"), lambda s: _call(Authorization=f"Bearer {s}"), form="url43"),
    steps("steps-neutral-name", "own APIs that call it ticket", _login("ticket"), lambda s: _call(Authorization=f"Bearer {s}"), form="url43"),
    steps("steps-path", "own APIs with the token in the path", _login("session_token"), lambda s: _call(target=f"/s/{s}/me"), form="secret40"),
    steps("steps-query", "long polling", _login("token"), lambda s: _call(target=f"/poll?since=7&t={s}"), form="secret40"),
    steps("steps-cookie", "session cookies", lambda s: PlannedCall("POST", "/login", answer=Answer(b"{}", (("Content-Type", JSON), ("Set-Cookie", f"sid={s}; Path=/")))), lambda s: _call(Cookie=f"sid={s}"), form="secret40"),
    steps("steps-csrf", "double submit cookies", lambda s: PlannedCall(answer=Answer(b"{}", (("Content-Type", JSON), ("Set-Cookie", f"XSRF-TOKEN={quote(s)}; Path=/")))), lambda s: _call("POST", body={"n": 1}, X_XSRF_TOKEN=s), form="key32"),
    steps("steps-error-echo", "servers that repeat a bad token", lambda s: _call(Authorization=f"Bearer {s}"), _answered(lambda s: {"error": f"unknown token {s}"}), form="secret40"),
    steps("steps-before", "servers that log first", _answered(lambda s: {"trace": f"created {s} for ada"}), _login("api_key"), form="secret40"),
    steps("steps-hex", "debug endpoints", _login("password"), _answered(lambda s: {"dump": _hex(s)}), form="plain"),
    steps("steps-key", "maps by token", _login("api_key"), _answered(lambda s: {"limits": {s: {"left": 3}}}), form="secret40"),
    steps("steps-base64-json", "SDK debug dumps", _login("password"), _answered(lambda s: {"blob": base64.b64encode(json.dumps({"u": 1, "p": s}).encode()).decode()}), form="plain"),
    steps("steps-url-in-url", "redirects to it", _login("access_token"), _answered(lambda s: {"next": "https://x.example/go?to=" + quote(f"https://y.example/?at={s}", safe="")}), form="url43"),
    steps("steps-log", "job logs", _login("deploy_token"), _answered(lambda s: {"log": f"+ git clone https://ci:{s}@git.example/r\\nok"}), form="secret40"),
    steps("steps-list", "token lists", _login("refresh_token"), _answered(lambda s: {"items": [1, [s, {"x": s}]]}), form="url43"),
    steps("steps-filename", "downloads named by key", _login("secret"), lambda s: PlannedCall(target="/f", answer=Answer(b"{}", (("Content-Type", JSON), ("Content-Disposition", f'attachment; filename="{s}.txt"')))), form="secret40"),
    steps("steps-etag", "ETags made of the token", _login("secret"), lambda s: PlannedCall(target="/f", answer=Answer(b"{}", (("Content-Type", JSON), ("ETag", f'"{s}"')))), form="secret40"),
    steps("steps-form", "RFC 7009 revocation", _login("access_token"), lambda s: PlannedCall("POST", "/revoke", (("Content-Type", FORM),), f"token={s}".encode(), _json({})), form="url43"),
    steps("steps-user-agent", "clients with the key in their name", lambda s: _call(X_Api_Key=s), lambda s: _call(User_Agent=f"shop-sdk/2 ({s})"), form="secret40"),
    steps("steps-traceparent", "kept headers with a known value", lambda s: _call(X_Api_Key=s), lambda s: _call(X_Request_Id=s), form="hex32"),
    steps("steps-digest", "keys by their hash and by name", lambda s: _call(X_Api_Key=s), _answered(lambda s: {"hash": hashlib.sha256(s.encode()).hexdigest(), "api_key": s}), form="secret40"),
]


def _cases() -> list[Case]:
    rows = [
        variable(f"variable-{name.lower()}", source, name, template)
        for name, (source, template) in _VARIABLES.items()
    ]
    rows += [
        variable(f"dotenv-{name.lower()}", f"{_VARIABLES[name][0]} in .env", f"DOTENV_{name}", _VARIABLES[name][1], dotenv=True)
        for name in _DOTENV
    ]
    for name, (source, text) in _CONNECTIONS.items():
        rows += _connection(name, source, text)
    rows.append(sent("connection-sent", "Airbyte sources", JSON, '{"config":{"jdbc_url":"jdbc:mysql://db/s?user=a&password=«plain»"}}'))
    return [*rows, *_STEPS]


CASES = _cases()
