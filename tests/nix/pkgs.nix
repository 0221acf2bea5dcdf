# Stand-ins for the packages that a rendered module may name, at recognisable places. What a module writes into the store
# is reported through `builtins.trace` as a line of JSON that the harness reads.
{lib}: let
  store = name: "/nix/store/00000000000000000000000000000000-${name}";
  package = name: mainProgram: {
    type = "derivation";
    pname = name;
    inherit name;
    outPath = store name;
    meta.mainProgram = mainProgram;
  };
  same = name: package name name;
  written = writer: name: text: contents:
    builtins.trace "written ${builtins.toJSON {inherit writer name text;}}" (contents // {inherit text;});
in
  lib.genAttrs [
    "age"
    "bash"
    "coreutils"
    "curl"
    "diffutils"
    "docker"
    "ethtool"
    "findutils"
    "gawk"
    "gnugrep"
    "gnused"
    "htop"
    "iperf3"
    "iputils"
    "jq"
    "kmod"
    "mtr"
    "nftables"
    "nginx"
    "nginxMainline"
    "nginxQuic"
    "nginxStable"
    "openssl"
    "procps"
    "runtimeShell"
    "sops"
    "strace"
    "tailscale"
    "tailwright"
    "tcpdump"
    "tsctl"
  ]
  same
  // {
    conntrack-tools = package "conntrack-tools" "conntrack";
    iproute2 = package "iproute2" "ip";
    prometheus.cli = package "prometheus-cli" "promtool";
    systemd = package "systemd" "systemctl";
    util-linux = package "util-linux" "mount";
    stdenv.hostPlatform.system = "x86_64-linux";

    # The tools of the machine that builds.
    buildPackages.tsctl = same "tsctl";
    writeTextFile = {
      name,
      text,
      checkPhase ? "",
      ...
    }:
      written "checkPhase" name checkPhase (written "writeTextFile" name text (same name));
    concatText = name: files: written "concatText" name (builtins.concatStringsSep "\n" (map toString files)) (same name);

    writeText = name: text: written "writeText" name text (same name);
    writeShellScript = name: text: written "writeShellScript" name text (same name);
    writeShellScriptBin = name: text: written "writeShellScriptBin" name text (same name);
    writeShellApplication = {
      name,
      text,
      runtimeInputs ? [],
      ...
    }:
      written "writeShellApplication" name text (same name // {inherit runtimeInputs;});
    formats = let
      format = _: {
        generate = name: value: written "generate" name (builtins.toJSON value) (same name);
        type = "format";
      };
    in {
      json = format;
      toml = format;
      yaml = format;
      keyValue = format;
    };
  }
