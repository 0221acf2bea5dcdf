# The services, where clients find them, and where they are:
#   db: kernelcore.your-tailnet.ts.net:15432 -> tcp://127.0.0.1:5432 (from network.proxy.tailscale-services.enable)
#   llamacpp: https://kernelcore.your-tailnet.ts.net:18080/ -> http://127.0.0.1:8080 (from network.proxy.nginx-tailscale.services.llamacpp)
#   ollama: https://kernelcore.your-tailnet.ts.net:21434/ -> http://127.0.0.1:11434 (from network.proxy.nginx-tailscale.services.ollama)
{...}: {}
