"""What happens by itself: refreshes of dashboards and reports by e-mail, each once, whichever server process is up."""
