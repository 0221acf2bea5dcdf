# Evaluates flake.nix with stand-ins for nixpkgs, and shows what its outputs are made of.
#
# root: the folder of the flake.
{root}: let
  inherit (builtins) attrNames functionArgs intersectAttrs mapAttrs pathExists toJSON;

  lib =
    import ./lib.nix
    // {
      inherit (builtins) replaceStrings;
      toUpper = builtins.replaceStrings (map (c: c) letters.lower) letters.upper;
      importTOML = path: fromTOML (builtins.readFile path);
      hasSuffix = suffix: text: builtins.match ".*${suffix}" text != null;
      removeSuffix = suffix: text: builtins.substring 0 (builtins.stringLength text - builtins.stringLength suffix) text;
      concatMapStrings = f: values: builtins.concatStringsSep "" (map f values);
      literalExpression = text: text;
      mkOption = option: option;
      types = {
        bool = "bool";
        package = "package";
      };
      licenses = {
        mit = "MIT";
        asl20 = "Apache-2.0";
      };
      platforms.linux = ["x86_64-linux" "aarch64-linux"];
      fileset = {
        toSource = {
          root,
          fileset,
        }:
          map toString fileset;
        unions = paths:
          map (path:
            if pathExists path
            then path
            else throw "the file set names ${toString path}, which is not there")
          (builtins.filter (path: path != null) paths);
        maybeMissing = path:
          if pathExists path
          then path
          else null;
        fileFilter = _: path: path;
      };
    };
  letters = {
    lower = ["a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z"];
    upper = ["A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z"];
  };

  build = args: let
    package =
      args
      // {
        type = "derivation";
        name = args.pname or args.name;
        outPath = "/nix/store/00000000000000000000000000000000-${args.pname or args.name}";
        overrideAttrs = change: build (args // change args);
      };
  in
    package // lib.genAttrs (args.outputs or []) (output: package // {outPath = "${package.outPath}-${output}";});

  pkgsOf = system: let
    pkgs =
      import ./pkgs.nix {inherit lib;}
      // {
        inherit lib;
        stdenv = {
          hostPlatform = {inherit system;};
          buildPlatform.canExecute = _: true;
        };
        rustPlatform.buildRustPackage = build;
        installShellFiles = "install-shell-files";
        mkShell = build;
        runCommand = name: args: script: build (args // {inherit name script;});
        callPackage = file: args: let
          f = import file;
        in
          f (intersectAttrs (functionArgs f) pkgs // args);
      }
      // lib.genAttrs ["alejandra" "cargo" "clippy" "nix" "rust-analyzer" "rustfmt"] (name: build {inherit name;});
  in
    pkgs;

  nixpkgs = {
    inherit lib;
    outPath = "/nix/store/00000000000000000000000000000000-nixpkgs";
    legacyPackages = lib.genAttrs ["x86_64-linux" "aarch64-linux"] pkgsOf;
  };
  self = outputs;
  outputs = (import (root + "/flake.nix")).outputs {inherit self nixpkgs;};

  pkgs = pkgsOf "x86_64-linux";
  mine = pkgs // outputs.overlays.default mine pkgs;
  moduleOf = enable:
    (outputs.nixosModules.default {
      inherit lib;
      pkgs = mine;
      config.programs.tailwright = {
        inherit enable;
        package = mine.tailwright;
        tsctlPackage = mine.tsctl;
      };
    })
    .config;
  package = outputs.packages.x86_64-linux.tailwright;
in {
  inputs = mapAttrs (_: input: input.url) (import (root + "/flake.nix")).inputs;
  systems = mapAttrs (_: attrNames) {inherit (outputs) packages apps devShells formatter checks;};
  packages = mapAttrs (_: package: package.outPath) outputs.packages.x86_64-linux;
  programs = mapAttrs (_: app: app.program) outputs.apps.x86_64-linux;
  package = {
    inherit (package) pname version src outputs postInstall meta;
  };
  overlay = mapAttrs (_: package: lib.getExe package) (outputs.overlays.default mine pkgs);
  variables = outputs.devShells.x86_64-linux.default.env;
  formatter = outputs.formatter.x86_64-linux.text;
  checks = attrNames outputs.checks.x86_64-linux;
  lint = outputs.checks.x86_64-linux.lint.buildPhase;
  module = {
    overlays = builtins.length (moduleOf true).nixpkgs.overlays;
    systemPackages = (moduleOf true).environment.systemPackages;
  };
}
