"""Durable jobs: thin workflows that are given ids, open their own work and call services."""
