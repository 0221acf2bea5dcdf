# The least that makes a NixOS configuration complete.
{lib, ...}: {
  boot.isContainer = true;
  networking.hostName = lib.mkOverride 1400 "example";
  networking.useDHCP = false;
  system.stateVersion = lib.mkDefault lib.trivial.release;
}
