"""The images a node can pull, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass

GO_PORTS = {
    "frontend": 5000,
    "profile": 8081,
    "search": 8082,
    "geo": 8083,
    "rate": 8084,
    "recommendation": 8085,
    "user": 8086,
    "reservation": 8087,
}
GO_BINARIES = tuple(GO_PORTS)


@dataclass(frozen=True)
class Image:
    """`mongo_port` is the database port in the configuration baked into a Go image."""

    binaries: tuple[str, ...]
    entrypoint: str
    mongo_port: int = 27017


HOTEL = "yinfangchen/hotelreservation:latest"
MISCONFIGURED_GEO = "yinfangchen/geo:app3"
MONGO = "mongo:4.4.6"
MEMCACHED = "memcached"
CONSUL = "hashicorp/consul:latest"
JAEGER = "jaegertracing/all-in-one:latest"
COREDNS = "registry.k8s.io/coredns/coredns:v1.11.1"
PROMETHEUS = "quay.io/prometheus/prometheus:v2.53.1"
PAUSE = "gcr.io/google-containers/pause:latest"

IMAGES: dict[str, Image] = {
    HOTEL: Image(GO_BINARIES, "frontend"),
    MISCONFIGURED_GEO: Image(GO_BINARIES, "geo", mongo_port=27777),
    MONGO: Image(("mongod", "mongo", "bash", "ls", "cat"), "mongod"),
    MEMCACHED: Image(("memcached",), "memcached"),
    CONSUL: Image(("consul",), "consul"),
    JAEGER: Image(("all-in-one",), "all-in-one"),
    COREDNS: Image(("coredns",), "coredns"),
    PROMETHEUS: Image(("prometheus",), "prometheus"),
    PAUSE: Image(("pause",), "pause"),
}


def find_image(reference: str) -> Image | None:
    """Also for a reference with a registry or with the tag latest spelled out."""
    short = reference.removeprefix("docker.io/").removeprefix("library/")
    return IMAGES.get(short) or IMAGES.get(short.removesuffix(":latest"))
