"""Runs the Java tests of all modules side by side, on one RabbitMQ and one PostgreSQL."""
