#!/bin/sh
# Make the certificate with which scheduler, workers and servers know each other: make_certificates.sh FOLDER
# Dask asks both sides for one. Whoever can read the key can run any code on the workers.
set -eu
umask 077
cd "$1"
[ -e dask.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/CN=Convnet Lab's workers" -keyout dask-key.pem -out dask.pem.partial 2>/dev/null
[ -e dask.pem ] || mv dask.pem.partial dask.pem
