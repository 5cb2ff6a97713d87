"""The rules as data, one module a theme; :data:`kiwoom_provider.quality.catalogue.RULES` lists them all."""
