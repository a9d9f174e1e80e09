"""Names as a reader sees them, and where the words of the questions stand in their order."""

from __future__ import annotations

from headrace.variables import LIMITS

BUILDER_NAMES = {
    "microsoft": "Microsoft",
    "amazon": "Amazon",
    "alphabet": "Alphabet",
    "meta": "Meta",
    "oracle": "Oracle",
    "rest_of_world": "Rest of world",
}

LIMIT_NAMES = {name: name.capitalize() for name in LIMITS}

REGION_NAMES = {
    "virginia": "Virginia",
    "texas": "Texas",
    "us_other": "Rest of US",
    "europe": "Europe",
    "china": "China",
    "gulf": "Gulf",
    "asia_pacific": "Asia-Pacific",
}

REGIONS_IN_PROSE = {**REGION_NAMES, "us_other": "the rest of the US", "gulf": "the Gulf"}

GROUP_NAMES = {
    "foundry": "Foundries",
    "wafer_equipment": "Wafer equipment",
    "memory": "Memory",
    "osat": "Assembly, test",
    "accelerator_designers": "Accelerators",
    "server_makers": "Servers",
    "optics": "Optics",
    "networking": "Networking",
    "engineering_and_construction": "Construction",
    "thermal": "Cooling",
    "electrical_equipment": "Electrical",
    "power_equipment": "Power equipment",
    "independent_power": "Power on site",
    "utilities": "Utilities",
    "compute": "Compute",
    "models": "Models",
    "applications": "Applications",
}

WAVES = {
    "compute": ("First wave: chips", "compute"),
    "physical": ("Second: sites, power", "physical"),
    "monetisation": ("Third: revenue", "money"),
}
"""What a wave is called above its panel, and its hue."""
