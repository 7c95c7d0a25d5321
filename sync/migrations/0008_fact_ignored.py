from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0007_one_nightly_check")]

    operations = [
        migrations.AddIndex(
            model_name="sourcefact",
            index=models.Index(fields=["connection", "code", "id"], condition=models.Q(("state", "ignored")), name="fact_ignored"),
        ),
    ]
