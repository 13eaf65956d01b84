"""What each figure draws: functions from the law to a picture and the tidy frame behind it, by notebook."""
