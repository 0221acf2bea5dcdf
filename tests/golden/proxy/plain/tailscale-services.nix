# The services, where clients find them, and where they are:
#   app: http://plain.tail.example.org/app/ -> http://localhost:3000 (from network.proxy.nginx-tailscale.services.app)
#   far: http://plain.tail.example.org:8081/ -> http://far.lan:3001 (from network.proxy.nginx-tailscale.services.far)
{...}: {}
