# The rendered tree of every example is a NixOS host: all of its options exist, no two of its definitions collide, and no
# assertion fails. The trees are those that the Rust tests hold against what `tailwright render` writes.
{
  pkgs,
  nixpkgs,
  module,
}: let
  inherit (pkgs) lib;
  golden = ../../tests/golden;
  hosts = lib.filterAttrs (name: kind: kind == "directory" && builtins.pathExists (golden + "/${name}/default.nix")) (builtins.readDir golden);

  host = name:
    nixpkgs.lib.nixosSystem {
      modules = [
        (golden + "/${name}")
        module
        ./support/host.nix
        ./support/sops.nix
        {nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system;}
      ];
    };

  # Instantiated, not built: every option is evaluated, and nothing of the system is downloaded.
  place = name: builtins.unsafeDiscardStringContext (host name).config.system.build.toplevel.drvPath;
in
  pkgs.writeText "tailwright-examples" (lib.concatMapStrings (name: "${name} ${place name}\n") (lib.attrNames hosts))
