FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
WORKDIR /app
COPY requirements.txt requirements-sqlserver.txt ./
RUN pip install --no-cache-dir -r requirements.txt -r requirements-sqlserver.txt
COPY . .
RUN useradd --system --uid 10001 levelstock && install -d -o levelstock -m 700 /data
USER levelstock
VOLUME /data
EXPOSE 8000

# The worker runs the same image with `python manage.py worker`.
CMD ["sh", "-c", "python manage.py migrate --noinput && python manage.py collectstatic --noinput --verbosity 0 && exec gunicorn --bind 0.0.0.0:8000 --workers ${WEB_CONCURRENCY:-2} --threads 4 --no-control-socket --access-logfile - config.wsgi"]
