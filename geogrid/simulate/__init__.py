"""People, water and citizens that are made up, sent through the doors that real ones use. Always labelled."""
