"""The scenes: each is a module with `play`, which makes a desk, hurts it, and counts."""
