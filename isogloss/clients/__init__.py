"""Clients for other programs. They need the base package only: grpcio and protobuf."""
