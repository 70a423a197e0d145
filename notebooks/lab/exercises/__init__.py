"""How the exercises of each chapter are judged, one module a chapter."""
