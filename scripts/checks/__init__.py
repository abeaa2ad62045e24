"""What the doctor checks, a module a part of the configuration."""
