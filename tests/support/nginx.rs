//! Hands rendered nginx text to nginx: `nginx -t`, and live servers in a private network.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::netns::Netns;
use super::scratch::Scratch;
use super::tool;

/// The parts of a configuration as NixOS keeps them apart; each is the body of its block.
#[derive(Default, Clone)]
pub struct Fragments<'a> {
    /// Main context, beside the blocks (`worker_processes`).
    pub main: &'a str,
    /// The body of `events`.
    pub events: &'a str,
    /// The body of `http`.
    pub http: &'a str,
    /// The body of `stream`; no block where empty.
    pub stream: &'a str,
}

/// nginx in a network of its own, where every address can be bound and no port is taken.
pub struct Nginx {
    network: Netns,
    program: PathBuf,
    scratch: Scratch,
    config: PathBuf,
    certificate: PathBuf,
    server: Option<Child>,
}

impl Nginx {
    /// Builds a whole configuration from its fragments. `None` only where the test may be left out.
    pub fn of_fragments(network: Netns, fragments: &Fragments) -> Option<Self> {
        let Fragments {
            main,
            events,
            http,
            stream,
        } = fragments;
        let mut text = format!("{main}\nevents {{\n{events}\n}}\nhttp {{\n{http}\n}}\n");
        if !stream.trim().is_empty() {
            text = format!("{text}stream {{\n{stream}\n}}\n");
        }
        Self::of_text(network, &text)
    }

    /// Takes a whole `nginx.conf`. Every file it names is replaced by one of the test's own: certificates and keys by a
    /// self-made pair, password files by an empty one, logs and the process number by files in the scratch directory.
    pub fn of_text(network: Netns, text: &str) -> Option<Self> {
        let program = tool::part("nginx")?;
        let openssl = tool::part("openssl")?;
        let scratch = Scratch::new();
        let certificate = self_made_certificate(&openssl, &scratch);
        let mut text = localized(text, scratch.path());
        if text.contains("stream {") {
            text = stream_module(&program) + &text;
        }
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let mut own = format!("access_log {}/logs/default.log;\n", scratch.path().display());
        for name in folders {
            let _ = writeln!(own, "{name}_temp_path {}/{name};", scratch.path().display());
        }
        text = text.replacen("http {", &format!("http {{\n{own}"), 1);
        if !text.lines().any(|line| line.starts_with("pid ")) {
            text = format!("pid {}/nginx.pid;\n{text}", scratch.path().display());
        }
        if !text.lines().any(|line| line.starts_with("user ")) {
            // Of this namespace; the workers can then read the scratch directory.
            text = format!("user root root;\n{text}");
        }
        let config = scratch.write("nginx.conf", text);
        Some(Self {
            network,
            program,
            scratch,
            config,
            certificate,
            server: None,
        })
    }

    /// `nginx -t`: all that nginx said where it refused. A warning counts as a refusal too.
    pub fn check(&self) -> Result<(), String> {
        let output = tool::run(self.command().arg("-t"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() && !said.contains("[warn]") && !said.contains("[emerg]") {
            Ok(())
        } else {
            Err(said)
        }
    }

    /// Starts the server and waits until it serves. It ends with the value (with its network).
    ///
    /// # Panics
    /// Where nginx does not come up within ten seconds.
    pub fn start(&mut self) {
        let mut command = self.command();
        command
            .args(["-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut server = command.spawn().expect("nginx was found");
        let deadline = Instant::now() + Duration::from_secs(10);
        // The process number is written once the sockets are open.
        while !self.scratch.path().join("nginx.pid").exists() {
            let ended = server.try_wait().expect("it is our child").is_some();
            if ended || Instant::now() > deadline {
                let _ = server.kill();
                let output = server.wait_with_output().expect("it ended");
                panic!("nginx does not start: {}", String::from_utf8_lossy(&output.stderr));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.server = Some(server);
    }

    /// The network that it listens in.
    pub fn network(&self) -> &Netns {
        &self.network
    }

    /// The self-made certificate, which is its own authority; made for `localhost` and every name of three labels under
    /// `ts.net`.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// What stands in the log that the configuration calls `name` (its last path component).
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.scratch.path().join("logs").join(name)).unwrap_or_default()
    }

    fn command(&self) -> std::process::Command {
        let mut command = self.network.command(&self.program);
        command
            .arg("-p")
            .arg(self.scratch.path())
            .args(["-e", "stderr", "-c"])
            .arg(&self.config);
        command
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = self.network.run(
                &self.program,
                &[
                    "-p",
                    &self.scratch.path().to_string_lossy(),
                    "-e",
                    "stderr",
                    "-c",
                    &self.config.to_string_lossy(),
                    "-s",
                    "stop",
                ],
            );
            let _ = server.wait();
        }
    }
}

fn self_made_certificate(openssl: &Path, scratch: &Scratch) -> PathBuf {
    let certificate = scratch.path().join("own.crt");
    let names = "subjectAltName=DNS:localhost,DNS:*.your-tailnet.ts.net,DNS:*.example.ts.net,IP:127.0.0.1,IP:::1";
    let output = tool::run(
        std::process::Command::new(openssl)
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ])
            .args(["-subj", "/CN=localhost", "-addext", names, "-keyout"])
            .arg(scratch.path().join("own.key"))
            .arg("-out")
            .arg(&certificate),
    );
    tool::accepted(&output).expect("openssl makes a certificate");
    certificate
}

/// The line that loads the stream module, where this nginx has it apart (Debian's does, the one of Nix does not).
fn stream_module(program: &Path) -> String {
    let said = tool::run(std::process::Command::new(program).arg("-V"));
    let built = String::from_utf8_lossy(&said.stderr).into_owned();
    if !built.contains("--with-stream=dynamic") {
        return String::new();
    }
    let folder = built
        .split_whitespace()
        .find_map(|word| word.strip_prefix("--modules-path="))
        .unwrap_or_default();
    let below_prefix = tool::prefix().join("root").join(folder.trim_start_matches('/'));
    let own = program.starts_with(tool::prefix());
    let folder = if own { below_prefix } else { PathBuf::from(folder) };
    format!("load_module {}/ngx_stream_module.so;\n", folder.display())
}

/// The text with every file that it names moved into `folder`.
fn localized(text: &str, folder: &Path) -> String {
    let fixed = BTreeMap::from([
        ("ssl_certificate", "own.crt"),
        ("ssl_certificate_key", "own.key"),
        ("ssl_trusted_certificate", "own.crt"),
        ("auth_basic_user_file", "passwords"),
        ("pid", "nginx.pid"),
    ]);
    let _ = std::fs::create_dir_all(folder.join("logs"));
    let _ = std::fs::write(folder.join("passwords"), "");
    let line = |line: &str| {
        let indent = &line[..line.len() - line.trim_start().len()];
        let (directive, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        if let Some(file) = fixed.get(directive) {
            return format!("{indent}{directive} {}/{file};", folder.display());
        }
        if matches!(directive, "access_log" | "error_log") && rest.starts_with('/') {
            let (path, options) = rest.split_once([' ', ';']).unwrap_or((rest, ""));
            let name = path.rsplit('/').next().unwrap_or("log");
            let end = if options.is_empty() {
                ";"
            } else {
                &format!(" {options}")
            };
            return format!("{indent}{directive} {}/logs/{name}{end}", folder.display());
        }
        line.to_owned()
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn nginx_accepts_http3_and_a_stream() {
    let Some(network) = Netns::new() else { return };
    let fragments = Fragments {
        http: "access_log /var/log/nginx/access.log combined buffer=32k;\n\
               server {\n\
               listen 100.100.1.1:443 quic reuseport;\n\
               listen 100.100.1.1:443 ssl;\n\
               ssl_certificate /run/none.crt;\n\
               ssl_certificate_key /run/none.key;\n\
               location / { proxy_pass http://127.0.0.1:11434; }\n\
               }",
        stream: "server { listen 5433; proxy_pass 127.0.0.1:5432; }",
        ..Fragments::default()
    };
    let Some(nginx) = Nginx::of_fragments(network, &fragments) else {
        return;
    };
    assert_eq!(nginx.check(), Ok(()));
}

#[test]
fn nginx_refuses_an_unknown_directive_and_warns_of_a_double_name() {
    for (http, said) in [
        ("server { listen 80; keep_alive 3; }", "unknown directive"),
        (
            "server { listen 80; server_name a; } server { listen 80; server_name a; }",
            "conflicting server name",
        ),
    ] {
        let Some(network) = Netns::new() else { return };
        let fragments = Fragments {
            http,
            ..Fragments::default()
        };
        let Some(nginx) = Nginx::of_fragments(network, &fragments) else {
            return;
        };
        let refusal = nginx.check().expect_err(http);
        assert!(refusal.contains(said), "{refusal}");
    }
}

#[test]
fn a_live_server_answers_over_http3() {
    let Some(network) = Netns::new() else { return };
    let fragments = Fragments {
        http: "server {\nlisten 127.0.0.1:443 quic reuseport;\nlisten 127.0.0.1:443 ssl;\n\
               ssl_certificate /run/none.crt;\nssl_certificate_key /run/none.key;\n\
               location / { return 200 \"$http3\\n\"; }\n}",
        ..Fragments::default()
    };
    let Some(mut nginx) = Nginx::of_fragments(network, &fragments) else {
        return;
    };
    let Some(curl) = tool::part("curl") else { return };
    nginx.start();
    let authority = nginx.certificate().to_string_lossy().into_owned();
    let get = [
        "-sS",
        "-m",
        "10",
        "--http3-only",
        "--cacert",
        &authority,
        "https://localhost/",
    ];
    let answer = nginx.network().run(curl, &get);
    assert_eq!(answer.as_deref(), Ok("h3\n"));
}
