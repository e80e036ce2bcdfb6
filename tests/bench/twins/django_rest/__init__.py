"""The ticket list in Django REST framework, on the same tables and tokens."""
