"""`make bench`: figures as ratios against a floor of the same run, one small file a benchmark."""
