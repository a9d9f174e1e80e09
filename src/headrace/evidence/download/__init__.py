"""Documents from servers, politely: addresses that may be asked, pace, limits, and a cache of what came."""
