{
  description = "One typed profile in; every network artefact of a NixOS tailnet host out, checked against each other first";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = {
    self,
    nixpkgs,
  }: let
    inherit (nixpkgs) lib;
    forEachSystem = f: lib.genAttrs ["x86_64-linux" "aarch64-linux"] (system: f nixpkgs.legacyPackages.${system});
    packagesOf = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system};
    program = package: description: {
      type = "app";
      program = lib.getExe package;
      meta = {inherit description;};
    };
  in {
    packages = forEachSystem (pkgs: let
      ours = import ./nix/overlay.nix pkgs pkgs;
    in {
      inherit (ours) tailwright tsctl;
      default = ours.tailwright;
    });

    apps = forEachSystem (pkgs: let
      inherit (packagesOf pkgs) tailwright tsctl;
    in {
      default = program tailwright "Check and render a profile";
      tailwright = program tailwright "Check and render a profile";
      tsctl = program tsctl "Watch the tailnet from the host";
    });

    overlays.default = import ./nix/overlay.nix;

    nixosModules.default = import ./nix/module.nix {overlay = self.overlays.default;};

    devShells = forEachSystem (pkgs: {
      default = import ./nix/devshell.nix {
        inherit pkgs nixpkgs;
        inherit (packagesOf pkgs) tailwright;
      };
    });

    formatter = forEachSystem (pkgs: import ./nix/formatter.nix {inherit pkgs;});

    checks = forEachSystem (pkgs:
      import ./nix/checks.nix {
        inherit pkgs nixpkgs;
        module = self.nixosModules.default;
        packages = packagesOf pkgs;
        devShell = self.devShells.${pkgs.stdenv.hostPlatform.system}.default;
      });
  };
}
