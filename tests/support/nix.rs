//! Hands rendered Nix text to Nix: the parser, the evaluator, and the module system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::scratch::Scratch;
use super::tool;

/// What a set of modules does to a host.
#[derive(Debug)]
pub struct Evaluation {
    /// Everything that the modules set, merged; packages are their store paths.
    pub config: Value,
    /// By file: its own definitions, with their properties as the module system marks them
    /// (`{"_type": "override", "priority": 1000, "content": …}` is a `mkDefault`).
    pub files: Value,
    /// What the modules write into the store, in the order in which evaluation met it.
    pub written: Vec<Written>,
}

/// A file or script that a module writes into the store.
#[derive(Debug, serde::Deserialize)]
pub struct Written {
    /// The function that writes it (`writeText`, `writeShellApplication`, …).
    pub writer: String,
    /// Its name in the store.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A host as the real module system sees it.
#[derive(Debug, serde::Deserialize)]
pub struct Host {
    /// Whose option declarations judged it: `nixpkgs`, or `own` (tests/nix/options.nix).
    pub declarations: String,
    /// The options that the modules define, by name, with their values (null where the declarations are nixpkgs').
    pub settings: BTreeMap<String, Value>,
    /// The messages of the assertions that fail.
    pub failed: Vec<String>,
    /// The warnings that a user would see.
    pub warnings: Vec<String>,
    /// The derivation of the whole system, where nixpkgs is whole.
    pub system: Option<String>,
}

/// A store that holds nothing: enough to evaluate with, and the same everywhere.
const DUMMY: &str = "dummy://";

/// The Nix evaluator. Nothing is built, fetched or written: the store is a stand-in.
pub struct Nix {
    program: PathBuf,
    home: Scratch,
}

impl Nix {
    /// `None` only where the test may be left out.
    pub fn new() -> Option<Self> {
        Some(Self {
            program: tool::part("nix-instantiate")?,
            home: Scratch::new(),
        })
    }

    /// Parses a file; what Nix said where it is no Nix.
    pub fn parse(&self, file: &Path) -> Result<(), String> {
        tool::accepted(&tool::run(self.command(DUMMY).arg("--parse").arg(file))).map(|_| ())
    }

    /// The value of an expression, every part of it forced.
    pub fn evaluate(&self, expression: &str) -> Result<Value, String> {
        self.strict(expression, DUMMY).map(|(value, _)| value)
    }

    /// Evaluates rendered modules (files, or folders with a `default.nix`; imports are followed) with arguments that
    /// record what is set. `config` reads what the modules set themselves; a declared secret has its place.
    pub fn record(&self, modules: &[&Path]) -> Result<Evaluation, String> {
        let expression = format!(
            "import {} {{ modules = {}; }}",
            path(&ours("record.nix")),
            list(modules)
        );
        let (mut value, said) = self.strict(&expression, DUMMY)?;
        Ok(Evaluation {
            config: value["config"].take(),
            files: value["files"].take(),
            written: said
                .lines()
                .filter_map(|line| line.strip_prefix("trace: written "))
                .map(|line| serde_json::from_str(line).expect("pkgs.nix writes JSON"))
                .collect(),
        })
    }

    /// Evaluates rendered modules through nixpkgs' own module system: every option must exist, have a value of its type and
    /// no two definitions that collide. `None` (and noted as left out) where `NIXPKGS_LIB` names no `lib` folder.
    pub fn evaluate_with_lib(&self, tree: &Path, modules: &[&Path]) -> Option<Result<Host, String>> {
        let lib = tool::optional("NIXPKGS_LIB")?;
        Some(self.evaluate_with(&lib, tree, modules))
    }

    fn evaluate_with(&self, lib: &Path, tree: &Path, modules: &[&Path]) -> Result<Host, String> {
        let whole = lib
            .parent()
            .is_some_and(|nixpkgs| nixpkgs.join("nixos/lib/eval-config.nix").exists());
        let expression = format!(
            "import {} {{ nixpkgsLib = {}; tree = {}; modules = {}; }}",
            path(&ours("evaluate.nix")),
            path(lib),
            path(tree),
            list(modules)
        );
        // A whole host names derivations, which want a store that knows their hashes; where nixpkgs is, so is one.
        let (value, _) = self.strict(&expression, if whole { "auto" } else { DUMMY })?;
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    fn strict(&self, expression: &str, store: &str) -> Result<(Value, String), String> {
        let output = tool::run(
            self.command(store)
                .args(["--eval", "--strict", "--json", "--expr", expression]),
        );
        let json = tool::accepted(&output)?;
        let value = serde_json::from_str(&json).map_err(|error| format!("{error}: {json}"))?;
        Ok((value, String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// The evaluator with nothing of the user's around it.
    fn command(&self, store: &str) -> Command {
        let mut command = Command::new(&self.program);
        let home = self.home.path();
        if store == DUMMY {
            command.env("NIX_STATE_DIR", home.join("state"));
        }
        command
            .env("HOME", home)
            .env("NIX_CONF_DIR", home)
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env_remove("NIX_PATH")
            .env_remove("NIX_CONFIG")
            .args(["--store", store]);
        command
    }
}

/// A Nix expression for the text, whatever it holds.
pub fn string(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${");
    format!("\"{escaped}\"")
}

/// A Nix expression for an absolute path.
pub fn path(path: &Path) -> String {
    format!("(/. + {})", string(&path.to_string_lossy()))
}

/// `text` as the formatter would write it; an error where it is no Nix.
pub fn formatted(text: &str) -> Result<String, String> {
    match alejandra::format::in_memory("rendered.nix".to_owned(), text.to_owned()) {
        (alejandra::format::Status::Error(reason), _) => Err(reason),
        (alejandra::format::Status::Changed(_), after) => Ok(after),
    }
}

fn list(paths: &[&Path]) -> String {
    let items: Vec<String> = paths.iter().map(|item| path(item)).collect();
    format!("[ {} ]", items.join(" "))
}

fn ours(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nix").join(file)
}

#[test]
fn the_parser_takes_nix_and_refuses_the_rest() {
    let Some(nix) = Nix::new() else { return };
    let scratch = Scratch::new();
    assert_eq!(nix.parse(&scratch.write("good.nix", "{x}: { a = ''${x}''; }")), Ok(()));
    let said = nix
        .parse(&scratch.write("bad.nix", "{ a = 1 }"))
        .expect_err("no semicolon");
    assert!(said.contains("syntax error"), "{said}");
}

#[test]
fn an_evaluated_string_is_the_string() {
    let Some(nix) = Nix::new() else { return };
    for text in ["", "plain", "${x} \\ \" '' \n\t $${y}", "é ☃ \u{1}"] {
        assert_eq!(nix.evaluate(&string(text)), Ok(Value::from(text)));
    }
}

#[test]
fn modules_are_merged_as_nixos_does() {
    let Some(nix) = Nix::new() else { return };
    let scratch = Scratch::new();
    scratch.write(
        "b.nix",
        "{ lib, pkgs, ... }: { services.x = { level = 3; list = [ 2 ]; exe = lib.getExe pkgs.iproute2; }; }",
    );
    scratch.write("c/default.nix", "{ networking.nftables.tables.t.content = \"two\"; }");
    let module = scratch.write(
        "a.nix",
        r#"{ config, lib, pkgs, ... }: {
          imports = [ ./b.nix ./c ];
          services.x = {
            level = lib.mkDefault 1;
            list = lib.mkBefore [ 1 ];
            gone = lib.mkIf false "never";
            there = lib.mkIf (config.services.x.level > 2) true;
            key = config.sops.secrets."a key".path;
            script = pkgs.writeShellScript "s" "echo";
          };
          sops.secrets."a key".owner = config.services.nginx.user;
          networking.nftables.tables.t.content = lib.mkBefore "one";
        }"#,
    );
    let evaluation = nix.record(&[&module]).expect("good modules");
    let x = &evaluation.config["services"]["x"];
    assert_eq!(x["level"], 3);
    assert_eq!(x["list"], serde_json::json!([1, 2]));
    assert_eq!(x.get("gone"), None);
    assert_eq!(x["there"], true);
    assert_eq!(x["key"], "/run/secrets/a key");
    assert_eq!(x["exe"], "/nix/store/00000000000000000000000000000000-iproute2/bin/ip");
    assert_eq!(evaluation.config["sops"]["secrets"]["a key"]["owner"], "nginx");
    assert_eq!(
        evaluation.config["networking"]["nftables"]["tables"]["t"]["content"],
        "one\ntwo"
    );
    assert_eq!(
        evaluation.files[module.to_string_lossy().as_ref()]["services"]["x"]["level"]["priority"],
        1000
    );
    let written: Vec<_> = evaluation
        .written
        .iter()
        .map(|file| (file.name.as_str(), file.text.as_str()))
        .collect();
    assert_eq!(written, [("s", "echo")]);
}

#[test]
fn modules_that_contradict_or_dangle_are_refused() {
    let Some(nix) = Nix::new() else { return };
    let scratch = Scratch::new();
    let one = scratch.write(
        "one.nix",
        "{ lib, ... }: { services.a = 1; services.b = lib.mkDefault 1; }",
    );
    let two = scratch.write("two.nix", "{ services.a = 2; services.b = 2; }");
    let said = nix.record(&[&one, &two]).expect_err("two values");
    assert!(said.contains("services.a has conflicting definitions"), "{said}");
    for (text, reason) in [
        (
            "{ config, ... }: { services.a = config.sops.secrets.none.path; sops.secrets.one = {}; }",
            "'none' missing",
        ),
        ("{ pkgs, ... }: { services.a = pkgs.noSuchPackage; }", "noSuchPackage"),
        ("{ inputs, ... }: { services.a = inputs; }", "argument inputs"),
        ("{ imports = [ ./none.nix ]; }", "none.nix"),
    ] {
        let file = scratch.write("dangling.nix", text);
        let said = nix.record(&[&file]).expect_err(text);
        assert!(said.contains(reason), "{said}");
    }
}

/// A rendered tree in small: a default.nix that imports one module.
fn tree(scratch: &Scratch, module: &str) -> PathBuf {
    scratch.write("tree/modules/a.nix", module);
    scratch.write("tree/default.nix", "{ imports = [ ./modules/a.nix ]; }");
    scratch.path().join("tree")
}

const GOOD: &str = r#"{ config, lib, pkgs, ... }: {
  services.tailscale = {
    enable = true;
    useRoutingFeatures = "both";
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
  };
  sops.defaultSopsFile = "/etc/secrets.yaml";
  sops.secrets."tailscale-authkey".restartUnits = [ "tailscaled.service" ];
  networking.nftables.tables.t = { family = "inet"; content = "chain c { }"; };
  boot.kernel.sysctl = { "net.core.rmem_max" = 16777216; "net.ipv4.tcp_mtu_probing" = 1; };
  systemd.services.probe.serviceConfig.ExecStart = "${lib.getExe pkgs.tsctl} monitor";
}"#;

#[test]
fn the_real_module_system_takes_a_host_and_refuses_mistakes() {
    let Some(nix) = Nix::new() else { return };
    let scratch = Scratch::new();
    let good = tree(&scratch, GOOD);
    let Some(host) = nix.evaluate_with_lib(&good, &[&good]) else {
        return;
    };
    let host = host.expect("a good host");
    assert!(host.settings.contains_key("services.tailscale.authKeyFile"), "{host:?}");
    assert!(
        !host.settings.contains_key("services.nginx.enable"),
        "only what the tree sets"
    );
    if host.declarations == "own" {
        assert_eq!(
            host.settings["services.tailscale.authKeyFile"],
            "/run/secrets/tailscale-authkey"
        );
    }
    assert_eq!(host.failed, Vec::<String>::new());
    for (bad, reason) in [
        (
            "{ services.tailscale.enabled = true; }",
            "services.tailscale.enabled' does not exist",
        ),
        ("{ services.tailscale.port = \"41641\"; }", "is not of type"),
        (
            "{ boot.kernel.sysctl.\"net.core.rmem_max\" = \"16M\"; }",
            "is not of type",
        ),
        (
            "{ boot.kernel.sysctl.\"net.ipv6.conf.default.use_tempaddr\" = 0; }",
            "defined multiple times",
        ),
        (
            "{ services.nginx.virtualHosts.a.sslCertificat = \"/a\"; }",
            "sslCertificat' does not exist",
        ),
    ] {
        let bad = tree(&scratch, bad);
        let said = nix
            .evaluate_with_lib(&bad, &[&bad])
            .expect("it was there")
            .expect_err(reason);
        assert!(said.contains(reason), "{said}");
    }
}

#[test]
fn a_whole_nixpkgs_is_asked_for_its_own_declarations() {
    let Some(nix) = Nix::new() else { return };
    let Some(lib) = tool::optional("NIXPKGS_LIB") else {
        return;
    };
    let scratch = Scratch::new();
    // A nixpkgs in small: the same lib, and a NixOS that knows one option more than ours.
    std::os::unix::fs::symlink(lib, scratch.path().join("lib")).expect("a fresh directory");
    scratch.write("nixos/lib/eval-config.nix", format!(
        r#"{{ system, modules }}: let lib = import ../../lib; in lib.evalModules {{
          modules = modules ++ [ {} {{
            options.services.whole = lib.mkOption {{ type = lib.types.str; }};
            options.boot.isContainer = lib.mkOption {{ type = lib.types.bool; }};
            options.nixpkgs.overlays = lib.mkOption {{ type = lib.types.listOf lib.types.raw; }};
            options.system.build.toplevel = lib.mkOption {{ type = lib.types.raw; default.drvPath = "/nix/store/${{system}}.drv"; }};
            config._module.args.pkgs = import {} {{ inherit lib; }};
          }} ];
        }}"#,
        path(&ours("options.nix")),
        path(&ours("pkgs.nix")),
    ));
    let tree = tree(
        &scratch,
        "{ services.whole = \"yes\"; assertions = [ { assertion = false; message = \"no\"; } ]; }",
    );
    let expression = |lib: &Path| {
        format!(
            "import {} {{ nixpkgsLib = {}; tree = {}; modules = [ {} ]; }}",
            path(&ours("evaluate.nix")),
            path(lib),
            path(&tree),
            path(&tree),
        )
    };
    let host = nix
        .evaluate(&expression(&scratch.path().join("lib")))
        .expect("it evaluates");
    assert_eq!(host["declarations"], "nixpkgs");
    assert!(host["settings"].get("services.whole").is_some(), "{host}");
    assert_eq!(host["failed"], serde_json::json!(["no"]));
    assert_eq!(host["system"], "/nix/store/x86_64-linux.drv");
}

#[test]
fn the_formatter_changes_what_is_not_formatted() {
    assert_eq!(formatted("{a=1;}").as_deref(), Ok("{a = 1;}\n"));
    assert!(formatted("{a=").is_err());
}
