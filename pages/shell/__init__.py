"""What every page has: menu, selection, address, level, layout, errors, words."""
