"""The version as a literal: reading the installed metadata would cost more than the answer."""

VERSION = "0.1.0"
