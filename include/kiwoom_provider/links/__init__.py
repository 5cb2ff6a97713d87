"""Links from tasks to the Kiwoom page."""
