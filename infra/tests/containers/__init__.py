"""Builds the images and runs infra/compose.yaml in a container engine: make test-containers."""
