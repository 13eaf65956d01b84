"""Ways out of policylab: what a table leaves behind in other formats."""
