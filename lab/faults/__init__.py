"""The fault matrix: every fault, where it can strike, through the real DAG."""
