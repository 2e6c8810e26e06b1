"""The Teach your own page: classes and photos of this session, a head fitted to them, and its predictions."""
