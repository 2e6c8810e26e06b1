"""The Feature maps page: layers, their maps, and the arithmetic behind one number."""
