"""What serves one lesson, a folder each. Lessons never import each other."""
