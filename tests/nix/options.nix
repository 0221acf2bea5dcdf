# The options of NixOS that rendered modules set, with their types, for evaluating a host through the real module system
# where only nixpkgs' `lib` is at hand. Where the whole of nixpkgs is, its own declarations are used instead
# (evaluate.nix). Sources: the module of the same name under nixos/modules of nixpkgs (26.05), named at each group.
{
  config,
  lib,
  pkgs,
  ...
}: let
  inherit (lib) mkOption types;
  option = type: default: mkOption {inherit type default;};
  required = type: mkOption {inherit type;};
  bool = option types.bool;
  lines = option types.lines "";
  strings = option (types.listOf types.str) [];
  nullOr = type: option (types.nullOr type) null;
  setOf = options: option (types.attrsOf (types.submodule options)) {};
  listOf = options: option (types.listOf (types.submodule options)) [];
  ports = option (types.listOf types.port) [];
  portRanges = listOf {
    options = {
      from = required types.port;
      to = required types.port;
    };
  };
  openPorts = {
    allowedTCPPorts = ports;
    allowedUDPPorts = ports;
    allowedTCPPortRanges = portRanges;
    allowedUDPPortRanges = portRanges;
  };

  # system/boot/systemd.nix, lib/systemd-unit-options.nix
  unitValue = let
    atom = types.oneOf [types.bool types.int types.float types.str types.path types.package];
  in
    types.nullOr (types.either atom (types.listOf atom));
  unitConfig = option (types.attrsOf unitValue) {};
  unit = more:
    setOf {
      options =
        {
          enable = bool true;
          description = option types.str "";
          documentation = strings;
          after = strings;
          before = strings;
          wants = strings;
          requires = strings;
          requisite = strings;
          bindsTo = strings;
          partOf = strings;
          conflicts = strings;
          onFailure = strings;
          onSuccess = strings;
          wantedBy = strings;
          requiredBy = strings;
          restartTriggers = option (types.listOf types.unspecified) [];
          reloadTriggers = option (types.listOf types.unspecified) [];
          startLimitIntervalSec = option (types.nullOr types.int) null;
          startLimitBurst = option (types.nullOr types.int) null;
          inherit unitConfig;
        }
        // more;
    };

  # services/web-servers/nginx/{vhost,location}-options.nix
  location.options = {
    proxyPass = nullOr types.str;
    proxyWebsockets = bool false;
    recommendedProxySettings = bool config.services.nginx.recommendedProxySettings;
    priority = option types.int 1000;
    root = nullOr types.path;
    alias = nullOr types.path;
    index = nullOr types.str;
    tryFiles = nullOr types.str;
    return = nullOr (types.oneOf [types.str types.int]);
    basicAuth = option (types.attrsOf types.str) {};
    basicAuthFile = nullOr types.path;
    extraConfig = lines;
  };
  listen.options = {
    addr = required types.str;
    port = nullOr types.port;
    ssl = bool false;
    proxyProtocol = bool false;
    extraParameters = strings;
  };
  virtualHost.options = {
    serverName = nullOr types.str;
    serverAliases = strings;
    listen = listOf listen;
    listenAddresses = strings;
    enableACME = bool false;
    useACMEHost = nullOr types.str;
    acmeRoot = option (types.nullOr types.str) "/var/lib/acme/acme-challenge";
    addSSL = bool false;
    onlySSL = bool false;
    forceSSL = bool false;
    rejectSSL = bool false;
    redirectCode = option (types.ints.between 300 399) 301;
    kTLS = bool false;
    # Without a default upstream, where they are read for hosts with TLS alone; here every value is shown.
    sslCertificate = nullOr types.path;
    sslCertificateKey = nullOr types.path;
    sslTrustedCertificate = nullOr types.path;
    http2 = bool true;
    http3 = bool true;
    http3_hq = bool false;
    quic = bool false;
    reuseport = bool false;
    default = bool false;
    root = nullOr types.path;
    globalRedirect = nullOr types.str;
    basicAuth = option (types.attrsOf types.str) {};
    basicAuthFile = nullOr types.path;
    extraConfig = lines;
    locations = setOf location;
  };

  # config/sysctl.nix: the two buffer limits are numbers and the greatest wins, the rest is free.
  greatest =
    types.ints.unsigned
    // {
      merge = place: definitions: lib.foldl' lib.max 0 (map (definition: types.ints.unsigned.merge place [definition]) definitions);
    };
  # Of the rest there is one definition, and a second equal one is refused.
  sysctlValue = types.nullOr (types.uniq (types.oneOf [types.bool types.str types.int]));
in {
  options = {
    # misc/assertions.nix
    assertions = mkOption {
      type = types.listOf types.unspecified;
      default = [];
    };
    warnings = strings;

    # services/networking/tailscale.nix
    services.tailscale = {
      enable = bool false;
      port = option types.port 41641;
      interfaceName = option types.str "tailscale0";
      permitCertUid = nullOr types.nonEmptyStr;
      package = option types.package pkgs.tailscale;
      openFirewall = bool false;
      useRoutingFeatures = option (types.enum ["none" "client" "server" "both"]) "none";
      authKeyFile = nullOr types.path;
      authKeyParameters = {
        ephemeral = nullOr types.bool;
        preauthorized = nullOr types.bool;
        baseURL = nullOr types.str;
      };
      extraUpFlags = strings;
      extraSetFlags = strings;
      extraDaemonFlags = strings;
      disableTaildrop = bool false;
      disableUpstreamLogging = bool false;
      serve = {
        enable = bool false;
        configFile = nullOr types.path;
        services = setOf {
          options = {
            endpoints = required (types.attrsOf types.str);
            advertised = nullOr types.bool;
          };
        };
      };
    };

    # services/web-servers/nginx/default.nix and tailscale-auth.nix
    services.nginx = {
      enable = bool false;
      enableReload = bool false;
      validateConfigFile = bool true;
      package = option types.package pkgs.nginxStable;
      additionalModules = option (types.listOf (types.attrsOf types.anything)) [];
      user = option types.str "nginx";
      group = option types.str "nginx";
      virtualHosts = mkOption {
        type = types.attrsOf (types.submodule virtualHost);
        default.localhost = {};
      };
      upstreams = setOf {
        options = {
          servers = option (types.attrsOf (types.submodule {
            freeformType = types.attrsOf (types.oneOf [types.bool types.int types.str]);
            options.backup = bool false;
          })) {};
          extraConfig = lines;
        };
      };
      config = option types.str "";
      commonHttpConfig = lines;
      appendHttpConfig = lines;
      httpConfig = lines;
      prependConfig = lines;
      appendConfig = lines;
      eventsConfig = lines;
      streamConfig = lines;
      resolver = {
        addresses = strings;
        valid = option types.str "";
        ipv4 = bool true;
        ipv6 = bool true;
      };
      clientMaxBodySize = option types.str "10m";
      serverTokens = bool false;
      sslProtocols = option types.str "TLSv1.2 TLSv1.3";
      proxyResolveWhileRunning = bool false;
      proxyTimeout = option types.str "60s";
      defaultListen = listOf listen;
      defaultListenAddresses = option (types.listOf types.str) ["0.0.0.0" "[::0]"];
      defaultHTTPListenPort = option types.port 80;
      defaultSSLListenPort = option types.port 443;
      enableQuicBPF = bool false;
      statusPage = bool false;
      recommendedBrotliSettings = bool false;
      recommendedGzipSettings = bool false;
      recommendedOptimisation = bool false;
      recommendedProxySettings = bool false;
      recommendedTlsSettings = bool false;
      recommendedUwsgiSettings = bool false;
      mapHashBucketSize = nullOr (types.enum [32 64 128]);
      mapHashMaxSize = nullOr types.ints.positive;
      serverNamesHashBucketSize = nullOr types.ints.positive;
      serverNamesHashMaxSize = nullOr types.ints.positive;
      tailscaleAuth = {
        enable = bool false;
        expectedTailnet = option types.str "";
        virtualHosts = strings;
      };
    };

    # services/networking/{nftables,firewall,nat}.nix
    networking.nftables = {
      enable = bool false;
      checkRuleset = bool true;
      checkRulesetRedirects = option (types.attrsOf types.path) {};
      preCheckRuleset = lines;
      flushRuleset = bool false;
      flattenRulesetFile = bool false;
      extraDeletions = lines;
      ruleset = lines;
      rulesetFile = nullOr types.path;
      tables = option (types.attrsOf (types.submodule ({name, ...}: {
        options = {
          enable = bool true;
          name = option types.str name;
          content = required types.lines;
          family = required (types.enum ["ip" "ip6" "inet" "arp" "bridge" "netdev"]);
        };
      }))) {};
    };
    networking.firewall =
      openPorts
      // {
        enable = bool true;
        trustedInterfaces = strings;
        interfaces = setOf {options = openPorts;};
        checkReversePath = option (types.either types.bool (types.enum ["strict" "loose"])) true;
        filterForward = bool false;
        allowPing = bool true;
        pingLimit = nullOr types.str;
        rejectPackets = bool false;
        logRefusedConnections = bool false;
        logRefusedPackets = bool false;
        logRefusedUnicastsOnly = bool true;
        logReversePathDrops = bool false;
        extraInputRules = lines;
        extraForwardRules = lines;
        extraReversePathFilterRules = lines;
      };
    networking.nat = {
      enable = bool false;
      enableIPv6 = bool false;
      externalInterface = nullOr types.str;
      internalInterfaces = strings;
      internalIPs = strings;
    };

    # tasks/network-interfaces.nix, config/networking.nix
    networking = {
      hostName = option types.str "nixos";
      domain = nullOr types.str;
      search = strings;
      nameservers = strings;
      useNetworkd = bool false;
      useDHCP = bool true;
      enableIPv6 = bool true;
      hosts = option (types.attrsOf (types.listOf types.str)) {};
    };

    # system/boot/resolved.nix: fallbackDns until 25.11, settings since 26.05, dnsDelegates since 26.11 for certain; and
    # services/networking/networkd-dispatcher.nix
    services.resolved = {
      enable = bool false;
      fallbackDns = nullOr (types.listOf types.str);
      settings.Resolve = option (types.attrsOf unitValue) {};
      dnsDelegates = setOf {options.Delegate = required (types.attrsOf unitValue);};
    };
    services.networkd-dispatcher = {
      enable = bool false;
      rules = setOf {
        options = {
          onState = option (types.listOf (types.enum ["routable" "dormant" "no-carrier" "off" "carrier" "degraded" "configuring" "configured" "enslaved"])) [];
          script = required types.lines;
        };
      };
    };

    # config/sysctl.nix, system/boot/kernel.nix
    boot.kernel.sysctl = mkOption {
      default = {};
      type = types.submodule {
        freeformType = types.attrsOf sysctlValue;
        options."net.core.rmem_max" = nullOr greatest;
        options."net.core.wmem_max" = nullOr greatest;
      };
    };
    boot.kernelModules = strings;

    # security/polkit.nix, config/networking.nix
    security.polkit.enable = bool false;
    security.polkit.extraConfig = lines;
    networking.hostFiles = option (types.listOf types.path) [];

    # security/acme/default.nix
    security.acme = let
      inheritable = {
        email = nullOr types.str;
        server = nullOr types.str;
        dnsProvider = nullOr types.str;
        dnsResolver = nullOr types.str;
        dnsPropagationCheck = bool true;
        credentialFiles = option (types.attrsOf types.path) {};
        environmentFile = nullOr types.path;
        group = option types.str "acme";
        keyType = option types.str "ec256";
        reloadServices = strings;
        postRun = lines;
      };
    in {
      acceptTerms = bool false;
      defaults = inheritable;
      certs = setOf {
        options =
          inheritable
          // {
            domain = nullOr types.str;
            extraDomainNames = strings;
            webroot = nullOr types.str;
          };
      };
    };

    # config/users-groups.nix
    users.users = setOf {
      options = {
        isSystemUser = bool false;
        isNormalUser = bool false;
        group = option types.str "";
        extraGroups = strings;
        home = option types.path "/var/empty";
        description = option types.str "";
      };
    };
    users.groups = setOf {options.members = strings;};

    # config/system-path.nix, system/etc/etc.nix, config/shells-environment.nix
    environment.systemPackages = option (types.listOf types.package) [];
    environment.shellAliases = option (types.attrsOf (types.nullOr types.str)) {};
    environment.etc = setOf {
      options = {
        enable = bool true;
        text = nullOr types.lines;
        source = nullOr types.path;
        target = nullOr types.str;
        mode = option types.str "symlink";
        user = nullOr types.str;
        group = nullOr types.str;
      };
    };

    # services/networking/tailscale-auth.nix
    services.tailscaleAuth = {
      enable = bool false;
      user = option types.str "tailscale-nginx-auth";
      group = option types.str "tailscale-nginx-auth";
    };

    # system/boot/systemd.nix, system/boot/systemd/tmpfiles.nix
    systemd.package = option types.package pkgs.systemd;
    systemd.services = unit {
      path = option (types.listOf (types.oneOf [types.package types.str])) [];
      environment = option (types.attrsOf (types.nullOr (types.oneOf [types.str types.path types.package]))) {};
      serviceConfig = option (types.attrsOf unitValue) {};
      script = lines;
      preStart = lines;
      postStart = lines;
      reload = lines;
      preStop = lines;
      postStop = lines;
      restartIfChanged = bool true;
      reloadIfChanged = bool false;
      stopIfChanged = bool true;
      enableStrictShellChecks = bool false;
      startAt = option (types.either types.str (types.listOf types.str)) [];
    };
    systemd.timers = unit {timerConfig = unitConfig;};
    systemd.paths = unit {pathConfig = unitConfig;};
    systemd.targets = unit {};
    systemd.sockets = unit {
      socketConfig = unitConfig;
      listenStreams = strings;
      listenDatagrams = strings;
    };
    systemd.tmpfiles.rules = strings;
    systemd.tmpfiles.settings = option (types.attrsOf (types.attrsOf (types.attrsOf (types.submodule {
      options =
        lib.genAttrs ["mode" "user" "group" "age"] (_: option types.str "-")
        // {argument = option types.str "";};
    })))) {};

    # services/monitoring/prometheus/default.nix
    services.prometheus = {
      enable = bool false;
      rules = strings;
      ruleFiles = option (types.listOf types.path) [];
      scrapeConfigs = option (types.listOf (types.attrsOf types.anything)) [];
      exporters.node = {
        enable = bool false;
        listenAddress = option types.str "0.0.0.0";
        port = option types.port 9100;
        enabledCollectors = strings;
        extraFlags = strings;
      };
    };

    # services/networking/ssh/sshd.nix
    services.openssh = {
      enable = bool false;
      openFirewall = bool true;
      ports = option (types.listOf types.port) [22];
      settings = option (types.attrsOf types.anything) {};
    };

    # virtualisation/docker.nix
    virtualisation.docker = {
      enable = bool false;
      daemon.settings = option (types.attrsOf types.anything) {};
    };

    # misc/version.nix
    system.stateVersion = option types.str lib.trivial.release;
    system.nixos.release = option types.str "26.05";
  };

  # What upstream modules set themselves, so that a rendered module that collides with them is caught:
  # services/networking/tailscale.nix, tasks/network-interfaces.nix, config/sysctl.nix.
  config = {
    boot.kernel.sysctl = let
      server = lib.elem config.services.tailscale.useRoutingFeatures ["server" "both"];
    in
      lib.mkMerge [
        (lib.mkIf server {
          "net.ipv4.conf.all.forwarding" = lib.mkOverride 97 true;
          "net.ipv6.conf.all.forwarding" = lib.mkOverride 97 true;
        })
        {
          "net.ipv4.ping_group_range" = lib.mkDefault "0 2147483647";
          "net.ipv6.conf.default.use_tempaddr" = "2";
          "kernel.kptr_restrict" = lib.mkDefault 1;
          "vm.max_map_count" = lib.mkDefault 1048576;
          "fs.inotify.max_user_instances" = lib.mkDefault 524288;
          "fs.inotify.max_user_watches" = lib.mkDefault 524288;
        }
      ];
    networking.firewall.checkReversePath =
      lib.mkIf (lib.elem config.services.tailscale.useRoutingFeatures ["client" "both"]) "loose";
    users.users = {
      root.group = "root";
      nginx = lib.mkIf config.services.nginx.enable {
        isSystemUser = true;
        group = config.services.nginx.group;
      };
    };
  };
}
