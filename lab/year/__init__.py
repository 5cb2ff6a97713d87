"""A year of healthy nights, each with what the exchange, a venue, an issuer or the vendor may do: none is withheld."""
