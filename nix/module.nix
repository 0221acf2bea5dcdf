# Sets up the packages, so that rendered modules find `pkgs.tailwright` and `pkgs.tsctl` on the host.
{overlay}: {
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.programs.tailwright;
in {
  options.programs.tailwright = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = true;
      example = false;
      description = "Whether to put tailwright and tsctl on the system path. Importing the module turns it on.";
    };
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.tailwright;
      defaultText = lib.literalExpression "pkgs.tailwright";
      description = "The package that provides `tailwright`, the program of the workstation.";
    };
    tsctlPackage = lib.mkOption {
      type = lib.types.package;
      default = pkgs.tsctl;
      defaultText = lib.literalExpression "pkgs.tsctl";
      description = "The package that provides `tsctl`, the program of the host.";
    };
  };

  config = {
    nixpkgs.overlays = [overlay];
    environment.systemPackages = lib.mkIf cfg.enable [cfg.package cfg.tsctlPackage];
  };
}
