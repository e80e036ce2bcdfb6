"""What whoever runs the server can watch: log lines, metrics, traces."""
