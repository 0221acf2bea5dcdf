{ config, pkgs, lib, ... }:
{
  imports = [ ./hardware.nix ];
  kernelcore.network.vpn.tailscale.enable = lib.mkDefault true;
  config.kernelcore.host.name = lib.mkForce "a";
  boot.kernel.sysctl."net.core.rmem_max" = 134217728;
  environment.systemPackages = with pkgs; [ curl ];
  services.nginx = {
    appendConfig = ''
      events {
        worker_connections 4096;
      }
    '';
    package = pkgs.nginxQuic.override { withDebug = true; };
  };
  sops.defaultSopsFile = if builtins.pathExists "/etc/x" then ./a.yaml else ./b.yaml;
}
