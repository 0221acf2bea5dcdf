# Rust, and every real part that the tests hand our output to. The variables are those that tests/support/tool.rs reads, so
# that `./test` fetches nothing here.
{
  pkgs,
  nixpkgs,
  tailwright,
}: let
  inherit (pkgs) lib;
  parts = {
    nix-instantiate = lib.getExe' pkgs.nix "nix-instantiate";
    nginx = lib.getExe pkgs.nginx;
    curl = lib.getExe pkgs.curl;
    nft = lib.getExe pkgs.nftables;
    ip = lib.getExe' pkgs.iproute2 "ip";
    tc = lib.getExe' pkgs.iproute2 "tc";
    systemd-analyze = lib.getExe' pkgs.systemd "systemd-analyze";
    promtool = lib.getExe' pkgs.prometheus.cli "promtool";
    openssl = lib.getExe' pkgs.openssl "openssl";
    strace = lib.getExe pkgs.strace;
    age = lib.getExe' pkgs.age "age";
    age-keygen = lib.getExe' pkgs.age "age-keygen";
    sops = lib.getExe pkgs.sops;
  };
  variable = name: "TAILWRIGHT_${lib.toUpper (lib.replaceStrings ["-"] ["_"] name)}";
in
  pkgs.mkShell {
    inputsFrom = [tailwright];
    packages = [
      pkgs.alejandra
      pkgs.clippy
      pkgs.rust-analyzer
      pkgs.rustfmt
      pkgs.util-linux
    ];
    env =
      lib.mapAttrs' (name: lib.nameValuePair (variable name)) parts
      // {
        # The real module system, and the real declarations beside it.
        NIXPKGS_LIB = "${nixpkgs}/lib";
      };
  }
