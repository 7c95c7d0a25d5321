"""The form of a connection, made from what its system says can be set. Secrets can be typed in and taken away, and are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold import widgets

from accounts.workplace import OwnedForm
from sync import configuration
from sync.models import Connection
from sync.systems import SYSTEMS, Secret, Setting, SettingKind, System

if TYPE_CHECKING:
    from sync.configuration import Configuration

GENERAL = "General"
SECRETS = "Credentials"


class ConnectionForm(OwnedForm):
    """`kind` is the system. After validation, `configuration` is what to store and `settings` every setting as it was given."""

    kind: ClassVar[System]
    configuration: Configuration | None = None

    class Meta:
        model = Connection
        fields = ("name", "base_url", "warehouse", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.system = self.kind.key
        for setting in self.kind.settings:
            if setting.name in self.instance.settings:
                self.initial.setdefault(field_of(self.kind, setting), _shown(setting, self.instance.settings[setting.name]))

    @property
    def settings(self) -> dict[str, Any]:
        names = {setting.name: field_of(self.kind, setting) for setting in self.kind.settings}
        return {name: self.cleaned_data.get(field) for name, field in names.items() if field in self.fields}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        owner = self.owner
        assert owner is not None, "the admin sets the owner"
        try:
            self.configuration = configuration.check(
                owner,
                self.kind,
                name=given.get("name") or "",
                base_url=given.get("base_url") or "",
                settings=self.settings,
                secrets=self._secrets(given),
                warehouse=given.get("warehouse"),
                connection=self.instance if self.instance.pk else None,
            )
        except ValidationError as error:
            for path, messages in error.message_dict.items():
                field = self._field(path)
                if field not in self.errors:
                    self.add_error(field, messages)
        return given

    def _secrets(self, given: Mapping[str, Any]) -> dict[str, str | None]:
        """Typed in: stored. Ticked: taken away. Neither: left as it is."""
        found: dict[str, str | None] = {}
        for secret in self.kind.secrets:
            if given.get(forget_field(self.kind, secret)):
                found[secret.name] = None
            if typed := given.get(field_of(self.kind, secret)):
                found[secret.name] = typed
        return found

    def _field(self, path: str) -> str | None:
        """The field that shows what `configuration.check` found under `path`."""
        group, _, name = path.partition(".")
        named: Mapping[str, Setting | Secret] = {
            each.name: each for each in (self.kind.settings if group == "settings" else self.kind.secrets)
        }
        field = field_of(self.kind, named[name]) if name in named else path
        return field if field in self.fields else None


def form_of(system: System, connection: Connection | None) -> type[ConnectionForm]:
    """The form for a new connection to `system`, or for one there is."""
    fields: dict[str, Any] = {"kind": system}
    for setting in system.settings:
        fields[field_of(system, setting)] = _setting_field(setting)
    stored = connection.secrets if connection else {}
    unreadable = connection is not None and connection.secrets.unreadable
    for secret in system.secrets:
        there = not unreadable and secret.name in stored
        fields[field_of(system, secret)] = _secret_field(secret, there=there, unreadable=unreadable)
        if there:
            fields[forget_field(system, secret)] = forms.BooleanField(
                label=f"Forget {secret.label.lower()}", required=False, widget=widgets.UnfoldBooleanWidget()
            )
    made: type[ConnectionForm] = type(ConnectionForm)("ConnectionForm", (ConnectionForm,), fields)  # type: ignore[misc]
    return made


def sections_of(system: System, connection: Connection | None) -> list[tuple[str, list[str]]]:
    """Titles and the fields under each, in the order of the page: what belongs to the system, without the connection's own fields."""
    fields = form_of(system, connection).base_fields
    sections: dict[str, list[str]] = {GENERAL: []}
    for setting in system.settings:
        sections.setdefault(setting.section or GENERAL, []).append(field_of(system, setting))
    secrets = [name for secret in system.secrets for name in (field_of(system, secret), forget_field(system, secret)) if name in fields]
    general = sections.pop(GENERAL)
    return [(GENERAL, general), *([(SECRETS, secrets)] if secrets else []), *sections.items()]


def conditions() -> dict[str, str]:
    """For each field that only matters sometimes, the expression of the page's script that says when."""
    found = {}
    for system in SYSTEMS.values():
        both: tuple[Setting | Secret, ...] = (*system.settings, *system.secrets)
        for each in both:
            if each.when is not None:
                other = f"{system.key}_{each.when[0]}"
                expression = " || ".join(f"{other} == '{value}'" for value in each.when[1])
                found[field_of(system, each)] = expression
                if isinstance(each, Secret):
                    found[forget_field(system, each)] = expression
    return found


def section_conditions(system: System) -> dict[str, str]:
    """For each section that may have no field to show, the expression that says when it has one."""
    of_field = conditions()
    found = {}
    for title, fields in sections_of(system, None):
        expressions = [of_field.get(field, "") for field in fields]
        if all(expressions):
            found[title] = " || ".join(dict.fromkeys(expressions))
    return found


def field_of(system: System, each: Setting | Secret) -> str:
    """Unlike that of any other system, so that the conditions of all can stand side by side."""
    return f"{system.key}_{'secret_' if isinstance(each, Secret) else ''}{each.name}"


def forget_field(system: System, secret: Secret) -> str:
    return f"{system.key}_forget_{secret.name}"


def _setting_field(setting: Setting) -> forms.Field:
    plain: dict[str, Any] = {"label": setting.label, "help_text": setting.help, "required": False}
    if callable(setting.default):
        words = (("", "As usual"), ("on", "On"), ("off", "Off"))
        return forms.ChoiceField(**plain, choices=words, widget=widgets.UnfoldAdminSelectWidget())
    plain["initial"] = setting.default
    if setting.required and setting.when is None and setting.default == "":
        plain |= {"required": True, "error_messages": {"required": f"{setting.label} is missing."}}
    if setting.kind is SettingKind.CHOICE:
        return forms.ChoiceField(**plain, choices=setting.choices, widget=widgets.UnfoldAdminSelectWidget())
    if setting.kind is SettingKind.SWITCH:
        return forms.BooleanField(**plain, widget=widgets.UnfoldBooleanSwitchWidget())
    if setting.kind is SettingKind.NUMBER:
        plain |= {"min_value": setting.least, "max_value": setting.most}
        return forms.IntegerField(**plain, widget=widgets.UnfoldAdminIntegerFieldWidget())
    return forms.CharField(**plain, max_length=configuration.TEXT_LIMIT, widget=widgets.UnfoldAdminTextInputWidget())


def _secret_field(secret: Secret, *, there: bool, unreadable: bool) -> forms.Field:
    state = "One is stored; leave this empty to keep it." if there else "None is stored."
    if unreadable:
        state = "What is stored can't be read with the present FIELD_KEYS: enter it again."
    # Browsers fill in the login of this site otherwise.
    box = widgets.UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=secret.label, help_text=f"{state} {secret.help}".strip(), required=False, strip=False, widget=box)


def _shown(setting: Setting, value: Any) -> Any:
    if callable(setting.default) and isinstance(value, bool):
        return "on" if value else "off"
    return value
