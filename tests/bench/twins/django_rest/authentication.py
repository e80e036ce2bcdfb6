"""A bearer token becomes an account, with the projects it has a role in, in one statement."""

from typing import Any

import jwt
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .models import Account, EndedSession, UserRole

OVERSEERS = ["superadmin", "admin", "manager"]
CLAIMS = ["exp", "iat", "jti", "sid", "epoch", "user_id", "token_type"]

ROLES = UserRole.objects.filter(account=OuterRef("pk")).values("project")
WITH_PROJECTS = Account.objects.annotate(
    overseen=ArraySubquery(ROLES.filter(role__in=OVERSEERS)),
    limited=ArraySubquery(ROLES.filter(role="user")),
)


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Account, dict[str, Any]] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            claims = jwt.decode(
                token, settings.SECRET_KEY, algorithms=["HS256"], options={"require": CLAIMS}
            )
            return self.account(claims), claims
        except (jwt.InvalidTokenError, Account.DoesNotExist):
            raise AuthenticationFailed("Token is invalid or expired") from None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def account(self, claims: dict[str, Any]) -> Account:
        """Raises Account.DoesNotExist when the account or its session has ended."""
        if claims["token_type"] != "access":
            raise jwt.InvalidTokenError
        return WITH_PROJECTS.get(
            ~Exists(EndedSession.objects.filter(jti=claims["sid"])),
            pk=claims["user_id"],
            is_active=True,
            token_epoch=claims["epoch"],
        )
