"""What only Home needs: the lessons as cards, the lesson of 45 minutes, and which pages a visitor has opened."""
