# The app with its own Python: one image for servers, scheduler and workers (docs/how-to/run-on-a-server.md).
FROM debian:bookworm-slim

# tensorflow-cpu is TensorFlow without the 800 MB that only a GPU can use; with one: "tensorflow[and-cuda]".
ARG TENSORFLOW=tensorflow-cpu

ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    CNN_HOME=/data \
    KERAS_HOME=/data/keras

RUN apt-get update && \
    apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb

WORKDIR /app
COPY requirements.txt ./
# The headers are for those who write TensorFlow's own operations in C++: 430 MB.
RUN python3 -m venv /opt/venv && \
    sed "s/^tensorflow==/$TENSORFLOW==/" requirements.txt > /opt/requirements.txt && \
    pip install --no-cache-dir --disable-pip-version-check --requirement /opt/requirements.txt && \
    pip check && \
    rm -rf /opt/venv/lib/python3.11/site-packages/tensorflow/include

COPY app.py ./
COPY .streamlit .streamlit
COPY cnn cnn
COPY pages pages
COPY tools tools
COPY deploy deploy

# The number is 1000, because Hugging Face Spaces run images as that user.
RUN useradd --uid 1000 --create-home learner && \
    mkdir /data /certificates && chown learner /data /certificates && \
    python3 -m compileall -q /app
USER learner
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD python3 -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--logger.hideWelcomeMessage=true"]
