"""What the pharmacy remembers: people, encounters, prescriptions, their lifecycle, ledger and permissions."""
