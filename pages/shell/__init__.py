"""What every page shares: menu, selection, links, level, layout, errors and glossary."""
