"""Secrets in configuration files and log lines, as bodies and as files inside of bodies."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Mapping

from .rows import CSV, HTML, JSON, TEXT, TOML, YAML, Case, got, note, sent

_FILES: Mapping[str, tuple[str, str, str]] = {
    "ini": ("Python configparser", TEXT, "[server]\nhost = db.example\n\n[auth]\nuser = ada\npassword = «plain»\n"),
    "ini-colon": ("Python configparser", TEXT, "[auth]\nuser: ada\npassword: «plain»\n; the end\n"),
    "ini-quoted": ("PHP ini files", TEXT, '[mail]\nsmtp.password = "«plain»" ; rotate in May\nport = 25\n'),
    "pypirc": ("PyPI .pypirc", TEXT, "[distutils]\nindex-servers = pypi\n\n[pypi]\nusername = __token__\npassword = «pypi»\n"),
    "pypirc-plain": ("devpi in .pypirc", TEXT, "[devpi]\nrepository: https://devpi.example/\nusername: ada\npassword: «plain»\n"),
    "netrc": ("netrc", TEXT, "machine api.example login ada password «plain»\nmachine b.example login bob password «plain»\n"),
    "netrc-lines": ("netrc in lines", TEXT, "machine api.example\n  login ada\n  password «plain»\n  account main\n"),
    "properties": ("Java properties", TEXT, "# db\ndb.url=jdbc:postgresql://db/shop\ndb.user=app\ndb.password=«plain»\n"),
    "properties-spring": ("Spring Boot", TEXT, "spring.datasource.password=«plain»\nspring.mail.password: «plain»\nserver.port=8080\n"),
    "properties-escape": ("Java properties", TEXT, "jwt.secret\\:key=«»\njwt.secret = «secret40»\\\n"),
    "dotenv": ("dotenv", TEXT, "APP_ENV=local\nAPP_KEY=«/base64:[A-Za-z0-9+/]{43}=/»\nDB_PASSWORD='«pw»'\n"),
    "dotenv-export": ("direnv .envrc", TEXT, 'export AWS_SECRET_ACCESS_KEY="«aws secret»"\nexport AWS_REGION=eu-west-1\n'),
    "dotenv-spaces": ("docker-compose env files", TEXT, "POSTGRES_USER = app\nPOSTGRES_PASSWORD = «plain»\n"),
    "toml": ("Poetry auth.toml", TOML, '[http-basic.shop]\nusername = "ada"\npassword = "«plain»"\n'),
    "toml-array": ("Cargo credentials.toml", TOML, '[registry]\ntoken = "«/cio[A-Za-z0-9]{32}/»"\n'),
    "toml-inline": ("Netlify, wrangler.toml", TOML, 'name = "shop"\nvars = { mode = "x", api_token = "«secret40»" }\n'),
    "toml-multiline": ("TOML 1.0", TOML, 'title = "x"\nprivate_key = """\n«der pem»"""\n'),
    "streamlit": ("Streamlit secrets.toml", TOML, "[connections.snow]\naccount = 'x7'\npassword = '«plain»'\n"),
    "yaml": ("Rails database.yml", YAML, "production:\n  adapter: postgresql\n  username: app\n  password: «plain»\n"),
    "yaml-quoted": ("Ansible variables", YAML, "db:\n  user: 'app'\n  password: '«pw»'\n  port: 5432\n"),
    "yaml-flow": ("GitHub workflow inputs", YAML, "- {name: smtp, host: mail.example, password: «plain»}\n"),
    "yaml-block": ("Kubernetes ConfigMap", YAML, "data:\n  app.ini: |\n    [auth]\n    api_key = «secret40»\n    mode = x\n"),
    "yaml-secret": ("Kubernetes Secret", YAML, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  blob: «b64:«plain»»\n"),
    "yaml-secret-string": ("Kubernetes Secret", YAML, "kind: Secret\nstringData:\n  motto: «plain»\ntype: Opaque\n"),
    "yaml-list": ("docker-compose", YAML, "services:\n  db:\n    environment:\n      - POSTGRES_USER=app\n      - POSTGRES_PASSWORD=«plain»\n"),
    "yaml-kubeconfig": ("kubeconfig", YAML, "users:\n- name: ada\n  user:\n    client-key-data: «key64»\n    token: «jwt»\n"),
    "yaml-anchors": ("docker-compose", YAML, "x-db: &db\n  DB_PASS: «plain»\nweb:\n  environment:\n    <<: *db\n"),
    "yaml-helm": ("Helm values", YAML, "auth:\n  enabled: true\n  adminPassword: \"«plain»\"\n  existingSecret: \"\"\n"),
    "yaml-env-pair": ("Kubernetes Pod", YAML, "env:\n- name: STRIPE_KEY\n  value: «stripe-live»\n- name: MODE\n  value: x\n"),
    "cloud-init": ("cloud-init", TEXT, "#cloud-config\nchpasswd:\n  list: |\n    ada:«plain»\npassword: «plain»\n"),
    "npmrc": ("npm .npmrc", TEXT, "registry=https://registry.example/\n//registry.example/:_authToken=«uuid»\n"),
    "npmrc-auth": ("npm .npmrc", TEXT, "//npm.example/:_auth=«b64:ada:«plain»»\nalways-auth=true\n"),
    "yarnrc": ("Yarn", YAML, 'npmRegistries:\n  "https://npm.example":\n    npmAuthToken: «uuid»\n'),
    "pip-conf": ("pip.conf", TEXT, "[global]\nindex-url = https://ci:«plain»@pypi.example/simple\n"),
    "maven": ("Maven settings.xml", "application/xml", "<settings><servers><server><id>r</id><username>ada</username><password>«plain»</password></server></servers></settings>"),
    "gradle": ("gradle.properties", TEXT, "org.gradle.jvmargs=-Xmx2g\nsigning.password=«plain»\nossrhPassword=«plain»\n"),
    "aws-credentials": ("AWS shared credentials", TEXT, "[default]\naws_access_key_id = «aws»\naws_secret_access_key = «aws secret»\naws_session_token = «/IQoJb3[A-Za-z0-9+/]{200}/»\n"),
    "boto": ("gsutil .boto", TEXT, "[Credentials]\ngs_oauth2_refresh_token = «/1//0[A-Za-z0-9_-]{98}/»\n"),
    "s3cfg": ("s3cmd .s3cfg", TEXT, "[default]\naccess_key = «aws»\nsecret_key = «aws secret»\nuse_https = True\n"),
    "rclone": ("rclone.conf", TEXT, "[b2]\ntype = b2\naccount = 0012\nkey = «/K001[A-Za-z0-9+/]{27}/»\n"),
    "pgpass": ("libpq .pgpass", TEXT, "db.example:5432:shop:app:«plain»\n*:*:*:ro:«plain»\n"),
    "mycnf": ("MySQL option file", TEXT, "[client]\nuser=app\npassword=«plain»\nhost=db.example\n"),
    "odbc-ini": ("unixODBC", TEXT, "[shop]\nDriver = PostgreSQL\nServername = db\nUID = app\nPWD = «plain»\n"),
    "git-credentials": ("git credential store", TEXT, "https://ada:«plain»@git.example\nhttps://bob:«hex40»@git2.example\n"),
    "gitconfig": ("git configuration", TEXT, '[http "https://git.example"]\n\textraheader = AUTHORIZATION: basic «b64:x-access-token:«github»»\n'),
    "htpasswd": ("Apache htpasswd", TEXT, "ada:«/$apr1$[A-Za-z0-9]{8}$[A-Za-z0-9./]{22}/»\nbob:«/$2y$05$[A-Za-z0-9./]{53}/»\n"),
    "shadow": ("shadow(5)", TEXT, "root:*:19000:0:99999:7:::\nada:«/$6$[A-Za-z0-9./]{16}$[A-Za-z0-9./]{86}/»:19000:0:99999:7:::\n"),
    "ssh-key": ("OpenSSH key file", TEXT, "«openssh pem»"),
    "ppk": ("PuTTY key file", TEXT, "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n«/[A-Za-z0-9+/]{43}=/»\nPrivate-MAC: «hex64»\n"),
    "wireguard": ("WireGuard", TEXT, "[Interface]\nPrivateKey = «key32»\nAddress = 10.0.0.2/24\n\n[Peer]\nPresharedKey = «key32»\n"),
    "openvpn": ("OpenVPN static key", TEXT, "-----BEGIN OpenVPN Static key V1-----\n«hex32»\n«hex32»\n-----END OpenVPN Static key V1-----\n"),
    "wpa": ("wpa_supplicant.conf", TEXT, 'network={\n  ssid="home"\n  psk="«plain»"\n}\n'),
    "ppp": ("PPP chap-secrets", TEXT, "# client server secret IPs\nada * «plain» *\n"),
    "nginx": ("nginx", TEXT, 'location / {\n  proxy_set_header Authorization "Bearer «url43»";\n  proxy_pass http://app;\n}\n'),
    "nginx-basic": ("nginx", TEXT, 'proxy_set_header Authorization "Basic «b64:ada:«plain»»";\nproxy_set_header Host $host;\n'),
    "nginx-key": ("nginx", TEXT, "proxy_set_header X-Api-Key «secret40»;\nclient_max_body_size 8m;\n"),
    "haproxy": ("HAProxy", TEXT, "userlist ops\n  user ada insecure-password «plain»\n  user bob password «/$5$[A-Za-z0-9./]{16}$[A-Za-z0-9./]{43}/»\n"),
    "caddy": ("Caddyfile", TEXT, "shop.example {\n  basic_auth {\n    ada «/$2a$14$[A-Za-z0-9./]{53}/»\n  }\n}\n"),
    "redis-conf": ("Redis", TEXT, "port 6379\nrequirepass «plain»\nmasterauth «plain»\n"),
    "redis-acl": ("Redis ACL", TEXT, "user ada on >«plain» ~* +@all\n"),
    "rabbitmq": ("RabbitMQ", TEXT, "default_user = shop\ndefault_pass = «plain»\n"),
    "mosquitto": ("Mosquitto bridges", TEXT, "connection up\nremote_username ada\nremote_password «plain»\n"),
    "terraform-vars": ("Terraform tfvars", TEXT, 'region = "eu"\ndb_password = "«plain»"\n'),
    "terraform-provider": ("Terraform", TEXT, 'provider "x" {\n  api_key = "«hex32»"\n  url     = "https://x.example"\n}\n'),
    "vault-hcl": ("Vault seal", TEXT, 'seal "transit" {\n  token = "«/hvs.[A-Za-z0-9_-]{95}/»"\n}\n'),
    "dockerfile": ("Dockerfile", TEXT, "FROM alpine\nARG NPM_TOKEN=«uuid»\nENV DB_PASSWORD «plain»\n"),
    "systemd": ("systemd units", TEXT, '[Service]\nEnvironment="API_KEY=«secret40»" "MODE=x"\nExecStart=/bin/app --port 80\n'),
    "crontab": ("crontab", TEXT, "MAILTO=ada\n0 3 * * * mysqldump -uapp -p«plain» shop > /b.sql\n"),
    "makefile": ("Makefile", TEXT, "DEPLOY_TOKEN ?= «secret40»\ndeploy:\n\t./deploy\n"),
    "powershell": ("PowerShell profile", TEXT, "$env:OPENAI_API_KEY = '«secret40»'\nSet-Location C:\\shop\n"),
    "batch": ("Windows batch", TEXT, "@echo off\r\nset DB_PASSWORD=«plain»\r\nsetx API_TOKEN \"«secret40»\"\r\n"),
    "web-config": ("ASP.NET web.config", "application/xml", '<configuration><appSettings><add key="ApiSecret" value="«secret40»"/><add key="Mode" value="x"/></appSettings></configuration>'),
    "connection-strings": ("ASP.NET web.config", "application/xml", '<connectionStrings><add name="Db" connectionString="Server=db;Uid=app;Pwd=«plain»;" /></connectionStrings>'),
    "tomcat": ("Tomcat users", "application/xml", '<tomcat-users><user username="ada" password="«plain»" roles="manager"/></tomcat-users>'),
    "plist": ("Apple property list", "application/xml", "<plist><dict><key>User</key><string>ada</string><key>Password</key><string>«plain»</string></dict></plist>"),
    "jaas": ("Kafka JAAS", TEXT, 'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="ada" password="«plain»";\n'),
    "wp-config": ("WordPress", TEXT, "<?php\ndefine('DB_PASSWORD', '«plain»');\ndefine( 'AUTH_KEY', '«secret40»' );\n"),
    "django-settings": ("Django settings", TEXT, "DEBUG = True\nSECRET_KEY = '«/django-insecure-[a-z0-9]{50}/»'\n"),
    "rails-credentials": ("Rails secrets.yml", YAML, "production:\n  secret_key_base: «/[a-f0-9]{128}/»\n"),
    "config-js": ("webpack bundles", "application/javascript", 'module.exports={host:"x",apiKey:"«secret40»",n:3};\n'),
    "config-ts": ("Firebase configuration", "application/javascript", "const cfg = { apiSecret: '«secret40»', projectId: 'shop' };\n"),
    "ruby-hash": ("Ruby hashes", TEXT, "{:user=>\"ada\", :password=>\"«plain»\"}\n"),
    "python-dict": ("Python repr", TEXT, "{'user': 'ada', 'password': '«plain»', 'n': 3}\n"),
    "go-struct": ("Go %+v", TEXT, "{User:ada Password:«plain» Port:5432}\n"),
    "java-tostring": ("Java records", TEXT, "Credentials[user=ada, password=«plain», port=5432]\n"),
    "rust-debug": ("Rust derived Debug", TEXT, 'Config { user: "ada", api_key: "«secret40»", port: 80 }\n'),
    "php-print-r": ("PHP print_r", TEXT, "Array\n(\n    [user] => ada\n    [password] => «plain»\n)\n"),
    "lua": ("Kong, OpenResty", TEXT, 'local conf = { client_secret = "«secret40»", ssl = true }\n'),
    "erlang": ("Erlang terms", TEXT, '{auth, [{user, "ada"}, {password, "«plain»"}]}.\n'),
    "clojure-edn": ("EDN", TEXT, '{:db {:user "app" :password "«plain»"}}\n'),
}

_LOGS: Mapping[str, tuple[str, str]] = {
    "bracketed": ("Python logging", "[2026-03-01 10:00:00] INFO login user=ada password=«plain» ip=10.0.0.1\n"),
    "bracketed-json": ("bunyan-like loggers", '[INFO] {"user":"ada","password":"«plain»"}\n'),
    "brace-first": ("Go structured logs", "{request 7} token=«secret40» status=200\n"),
    "json-then-text": ("uvicorn traces", '{"user":"ada","password":"«plain»"} accepted after 3 ms\n'),
    "logfmt": ("logfmt", 'level=info msg="signed in" user=ada access_token=«secret40» dur=3ms\n'),
    "logfmt-quoted": ("logfmt", 'level=info api_key="«secret40»" msg="x"\n'),
    "access-log": ("nginx combined log", '10.0.0.1 - - [01/Mar/2026:10:00:00 +0000] "GET /in?access_token=«secret40» HTTP/1.1" 200 12 "-" "curl/8"\n'),
    "syslog": ("RFC 5424", '<34>1 2026-03-01T10:00:00Z host app 7 ID47 [auth@1 user="ada" password="«plain»"] login\n'),
    "curl-verbose": ("curl -v", "> GET /me HTTP/1.1\n> Host: api.example\n> Authorization: Bearer «url43»\n> Accept: */*\n"),
    "curl": ("curl commands", "curl -X POST https://api.example/in -H 'X-Api-Key: «secret40»' -d '{\"n\":1}'\n"),
    "curl-user": ("curl -u", "curl -sS -u ada:«plain» https://api.example/me -o me.json\n"),
    "curl-user-long": ("curl --user", 'curl --user "ada:«plain»" https://api.example/me\n'),
    "curl-data": ("curl -d", "curl https://id.example/token -d 'grant_type=password&username=ada&password=«plain»'\n"),
    "curl-json": ("curl --json", "curl --json '{\"login\":\"ada\",\"password\":\"«plain»\"}' https://api.example\n"),
    "curl-oauth": ("curl --oauth2-bearer", "curl --oauth2-bearer «url43» https://api.example/me\n"),
    "curl-cookie": ("curl -b", "curl -b 'sessionid=«/[a-z0-9]{32}/»; theme=dark' https://shop.example\n"),
    "wget": ("wget", "wget --user=ada --password=«plain» --no-check https://files.example/a.zip\n"),
    "httpie": ("HTTPie", "http POST api.example/me 'Authorization:Token «hex40»' n=1\n"),
    "httpie-auth": ("HTTPie", "http --auth ada:«plain» api.example/me\n"),
    "cli-password": ("command lines", "+ deploy --host=x --password=«plain» --verbose\n"),
    "cli-space": ("command lines", "$ deploy --api-key «secret40» --region eu\n"),
    "docker-login": ("docker login", "docker login -u ada -p «plain» registry.example\n"),
    "docker-run": ("docker run", "docker run -e MYSQL_ROOT_PASSWORD=«plain» -p 3306:3306 mysql:9\n"),
    "mysql": ("mysql client", "mysql -h db -u app --password='«plain»' shop\n"),
    "sshpass": ("sshpass", "sshpass -p '«plain»' ssh ada@host uptime\n"),
    "redis-cli": ("redis-cli", "redis-cli -h cache -a «plain» ping\n"),
    "psql": ("psql", "PGPASSWORD=«plain» psql -h db -U app -c 'select 1'\n"),
    "kubectl": ("kubectl", "kubectl create secret generic db --from-literal=password=«plain» -n shop\n"),
    "openssl": ("openssl", "openssl rsa -in k.pem -passin pass:«plain» -out o.pem\n"),
    "gh": ("GitHub CLI", "echo «github checked» | gh auth login --with-token\n"),
    "aws-cli": ("AWS CLI", "aws configure set aws_secret_access_key «aws secret»\n"),
    "az": ("Azure CLI", "az login --service-principal -u 7 -p «entra» --tenant 8\n"),
    "sql-create": ("PostgreSQL log", "LOG:  statement: CREATE ROLE app LOGIN PASSWORD '«plain»';\n"),
    "sql-alter": ("MySQL log", "Query\tALTER USER 'app'@'%' IDENTIFIED BY '«plain»'\n"),
    "sql-insert": ("SQL dumps", "INSERT INTO users (id, email, password_hash) VALUES (7, 'a@x.example', '«/$2b$12$[A-Za-z0-9./]{53}/»');\n"),
    "sql-where": ("SQL logs", "SELECT id FROM users WHERE api_key = '«secret40»' LIMIT 1;\n"),
    "sql-oracle": ("Oracle", "CREATE USER app IDENTIFIED BY «plain» QUOTA 10M ON users;\n"),
    "sql-mssql": ("SQL Server", "CREATE LOGIN app WITH PASSWORD = N'«plain»', CHECK_POLICY = ON;\n"),
    "mongo-shell": ("mongosh", 'db.createUser({user: "app", pwd: "«plain»", roles: []})\n'),
    "traceback": ("Python tracebacks", 'Traceback (most recent call last):\n  File "a.py", line 3, in login\n    login("ada", password="«plain»")\nValueError: no\n'),
    "django-debug": ("Django debug page", '<tr><td>AUTH_TOKEN</td><td class="code"><pre>&#x27;«secret40»&#x27;</pre></td></tr>'),
    "rails-params": ("Rails", '  Parameters: {"user"=>"ada", "password"=>"«plain»"}\n'),
    "spring": ("Spring Security", "Principal: ada; Credentials: [«plain»]; Authenticated: false\n"),
    "java-exception": ("Java", 'java.sql.SQLException: for jdbc:mysql://db/shop?user=app&password=«plain»&useSSL=false\n'),
    "ldap": ("LDIF", "dn: uid=ada,dc=shop\nuid: ada\nuserPassword: «/{SSHA}[A-Za-z0-9+/]{38}==/»\n"),
    "ldif-base64": ("LDIF, base64", "dn: uid=ada,dc=shop\nuserPassword:: «b64:«plain»»\n"),
    "smtp": ("SMTP transcript", "S: 334 VXNlcm5hbWU6\nC: AUTH PLAIN «b64:\0ada\0«plain»»\nS: 235 ok\n"),
    "smtp-login": ("SMTP transcript", "C: AUTH LOGIN\nS: 334 UGFzc3dvcmQ6\nC: «b64:«plain»»\nS: 235 ok\n"),
    "ftp": ("FTP transcript", "USER ada\n331 need a password\nPASS «plain»\n230 ok\n"),
    "imap": ("IMAP transcript", "a1 LOGIN ada «plain»\na1 OK done\n"),
    "redis-monitor": ("Redis MONITOR", '1788220800.1 [0 10.0.0.1:1] "AUTH" "app" "«plain»"\n'),
    "mail": ("mail to a customer", "Dear Ada,\nuser name: ada\nTemporary password: «plain»\nPlease change it.\n"),
    "mail-otp": ("mail to a customer", "Hello Ada, «pin6» is your verification code. It is valid for 5 minutes.\n"),
    "sms": ("Google-like SMS", "G-«pin6» is your Google verification code.\n"),
    "sms-webotp": ("WebOTP", "Your code is «pin6».\n\n@shop.example #«=1»\n"),
    "pin": ("bank mail", "Your new PIN: «pin4». Do not tell it to anybody.\n"),
    "chat": ("chat messages", "ada: pw is «plain» btw, change it later\n"),
    "markdown": ("README files", "Set `API_KEY` to `«secret40»` and run it.\n"),
    "markdown-table": ("README files", "| name | value |\n|---|---|\n| client_secret | «secret40» |\n"),
    "rst": ("docs", ":API token: «secret40»\n:Region: eu\n"),
    "backup-codes": ("two-factor set-up pages", "Backup codes:\n  «/[a-z0-9]{5}-[a-z0-9]{5}/»\n  «/[a-z0-9]{5}-[a-z0-9]{5}/»\n"),
    "github-actions": ("GitHub Actions logs", "##[debug]Evaluating: inputs.token\n  env:\n    API_TOKEN: «secret40»\n    CI: true\n"),
    "printenv": ("printenv", "HOME=/root\nLANG=C\nAPI_SECRET=«secret40»\nPATH=/bin\n"),
    "phpinfo": ("phpinfo()", "<tr><td class=\"e\">DB_PASSWORD </td><td class=\"v\">«plain» </td></tr>\n"),
}


def _cases() -> list[Case]:
    rows = [got(f"file-{name}", source, media, text) for name, (source, media, text) in _FILES.items()]
    for number, (name, (source, text)) in enumerate(_LOGS.items()):
        media = HTML if text.startswith("<tr") else TEXT
        if number % 3 == 1 and "\0" not in text:
            rows.append(note(f"log-{name}", source, text))
        elif number % 3 == 2:
            rows.append(sent(f"log-{name}", source, media, text))
        else:
            rows.append(got(f"log-{name}", source, media, text))
    rows.append(got("csv-semicolon", "Excel exports", CSV, "name;password;n\nada;«plain»;3\n"))
    rows.append(got("csv-tab", "TSV exports", "text/tab-separated-values", "user\tapi_token\nada\t«secret40»\n"))
    rows.append(
        got("csv-aws", "IAM access key files", CSV, "Access key ID,Secret access key\n«aws»,«aws secret»\n")
    )
    rows.append(
        got("csv-bitwarden", "Bitwarden exports", CSV, "folder,type,name,login_username,login_password,login_totp\nx,login,Shop,ada,«plain»,«base32»\n")
    )
    rows.append(
        sent("file-content-json", "GitHub contents API", JSON, '{"path":".env","content":"«b64:DB_PASSWORD=«plain»\nMODE=x\n»"}')
    )
    return rows


CASES = _cases()
