"""The real thing: AIOpsLab's own Orchestrator, from a checkout, against this run's Kind cluster."""
