"""The tree of places: republic, oblast, city, district, organisation."""
