"""Out of policylab: citations, and tables for statistics packages, spreadsheets, R and QCA."""
