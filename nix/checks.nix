# What `nix flake check` holds: the packages and the shell build, the sources are linted and formatted, and every file of
# nix/tests/ holds with the real NixOS.
{
  pkgs,
  nixpkgs,
  packages,
  module,
  devShell,
}: let
  inherit (pkgs) lib;
  inherit (packages) tailwright;

  # The package's build with another last step.
  step = name: inputs: command:
    tailwright.overrideAttrs (old: {
      pname = "tailwright-${name}";
      outputs = ["out"];
      nativeBuildInputs = old.nativeBuildInputs ++ inputs;
      buildPhase = command;
      doCheck = false;
      installPhase = "touch $out";
      postInstall = "";
      dontFixup = true;
    });

  testFiles = lib.filterAttrs (name: kind: kind == "regular" && lib.hasSuffix ".nix" name) (builtins.readDir ./tests);
  tests =
    lib.mapAttrs' (file: _: {
      name = "test-${lib.removeSuffix ".nix" file}";
      value = import (./tests + "/${file}") {inherit pkgs nixpkgs module;};
    })
    testFiles;
in
  {
    inherit (packages) tailwright tsctl;
    shell = devShell;

    # The pedantic group grows with every Rust; ./test holds it at the version that this project names.
    lint = step "lint" [pkgs.clippy] "cargo clippy --offline --all-targets -- -D warnings -A clippy::pedantic";

    format =
      pkgs.runCommand "tailwright-format" {
        nativeBuildInputs = [pkgs.alejandra];
        src = lib.fileset.toSource {
          root = ../.;
          fileset = lib.fileset.unions [../flake.nix (lib.fileset.fileFilter (file: file.hasExt "nix") ./.)];
        };
      } ''
        alejandra --check "$src"
        touch $out
      '';
  }
  // tests
