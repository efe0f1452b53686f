"""The services as separate processes on one machine, without containers: make up, status, down."""
