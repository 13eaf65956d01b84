"""Out of policylab: tables for statistics packages, spreadsheets, R and QCA."""
