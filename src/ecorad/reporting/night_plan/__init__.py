"""``ecorad plan power``: last audit and site to plan, statement, page, roster, calendar, and the check afterwards."""
