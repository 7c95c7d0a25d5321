from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who can log in. What they may do in a business account is said by their membership; a superuser is the operator."""
