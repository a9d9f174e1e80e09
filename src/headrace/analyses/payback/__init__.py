"""What must be true for it to pay back: by vintage, for the fleet, driver by driver, and out of whose money."""
