"""Planning without a site: from a roster file to a schedule and a page of routes, with no database anywhere."""
