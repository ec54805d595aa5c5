"""The steps behind the config flow: checking a connection, the forms, the options."""
